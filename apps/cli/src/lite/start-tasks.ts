import { Listr, type ListrTask } from 'listr2';
import type { Launcher } from './launcher.js';

/** Starts the whole system with its progress on the terminal; resolves with the first order's time to CONFIRMED, in ms. */
export async function startWithProgress(launcher: Launcher): Promise<number> {
  let confirmedMs = 0;
  const reasons: unknown[] = [];
  const step = (title: string, work: () => Promise<void>): ListrTask => ({
    title,
    // The renderer shows that it failed; why is told once, by the caller.
    task: () =>
      work().catch((error: unknown) => {
        reasons.push(error);
        throw new Error('see below', { cause: error });
      }),
  });
  const atOnce = (title: string, steps: ListrTask[]): ListrTask => ({
    title,
    task: (_, task) => task.newListr(steps, { concurrent: true }),
  });
  const tasks = [
    step('Ports and secrets', () => launcher.prepare()),
    atOnce('Foundations', [
      step('Postgres 17, migrations, catalogue', async () => {
        await launcher.startPostgres();
        await launcher.prepareData();
      }),
      step('Payment providers psp-acme and psp-borealis', () => launcher.startGroup('psp')),
    ]),
    atOnce('Services', [
      step('payment-1 and payment-2', () => launcher.startGroup('payment')),
      step('order-1 and order-2', () => launcher.startGroup('order')),
      step('monitor-1', () => launcher.startGroup('monitor')),
    ]),
    step('A first order, placed, paid and confirmed', async () => {
      confirmedMs = await launcher.confirmOrders();
    }),
  ];
  // Signals are ours: Ctrl-C stops what was started, in order.
  const rendererOptions = { collapseSubtasks: false, showErrorMessage: false };
  try {
    await new Listr(tasks, { registerSignalListeners: false, rendererOptions }).run();
  } catch (error) {
    throw reasons[0] ?? error;
  }
  return confirmedMs;
}

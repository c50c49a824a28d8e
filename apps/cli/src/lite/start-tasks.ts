import { Listr, type ListrTask } from 'listr2';
import type { Launcher } from './launcher.js';

/** Starts the whole system with its progress on the terminal; resolves with the first order's time to CONFIRMED, in ms. */
export async function startWithProgress(launcher: Launcher): Promise<number> {
  let confirmedMs = 0;
  const tasks: ListrTask[] = [
    { title: 'Ports and secrets', task: () => launcher.prepare() },
    {
      title: 'Foundations',
      task: (_, task) =>
        task.newListr(
          [
            {
              title: 'Postgres 17, migrations, catalogue',
              task: async () => {
                await launcher.startPostgres();
                await launcher.prepareData();
              },
            },
            { title: 'Payment providers psp-acme and psp-borealis', task: () => launcher.startGroup('psp') },
          ],
          { concurrent: true },
        ),
    },
    {
      title: 'Services',
      task: (_, task) =>
        task.newListr(
          [
            { title: 'payment-1 and payment-2', task: () => launcher.startGroup('payment') },
            { title: 'order-1 and order-2', task: () => launcher.startGroup('order') },
          ],
          { concurrent: true },
        ),
    },
    {
      title: 'A first order, placed, paid and confirmed',
      task: async () => {
        confirmedMs = await launcher.confirmOrders();
      },
    },
  ];
  // Signals are ours: Ctrl-C stops what was started, in order.
  await new Listr(tasks, {
    registerSignalListeners: false,
    collectErrors: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false, collapseErrors: true },
  }).run();
  return confirmedMs;
}

// What the drills of one engine alone run as child processes; on Debian, as root, it is installed where it is missing.
import { succeeds } from '../../infra/engine/command.mjs';
import { aptInstall, isDebian } from '../../infra/engine/docker-engine.mjs';
import { step } from '../../infra/engine/progress.mjs';

/** Program to package. */
const packages = { mvn: 'maven', java: 'default-jre-headless', etcd: 'etcd-server', 'redis-server': 'redis-server' };

const missing = [];
for (const [program, name] of Object.entries(packages)) {
  if (!(await succeeds('which', [program]))) missing.push(name);
}
const canInstall = isDebian() && process.getuid?.() === 0;
if (missing.length > 0 && canInstall) {
  await step(`Installing ${missing.join(', ')} for the drills`, () => aptInstall(missing)).catch((error) => {
    console.error(`${error.message}. Drills that need it are skipped.`);
  });
}

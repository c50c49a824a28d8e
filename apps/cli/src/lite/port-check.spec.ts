import { describe, expect, it } from '@jest/globals';
import { portsInUse } from './port-check.js';

describe(portsInUse.name, () => {
  describe('when the owner can be seen', () => {
    it('names the port, its purpose, the process and the cure', () => {
      const { message, code } = portsInUse(
        [{ name: 'order-1', port: 8080, pid: 4711, command: 'java -jar shop.jar' }],
        1,
      );
      expect(code).toBe('port-in-use');
      expect(message).toContain('port 8080, which order-1 needs, is in use by process 4711 (java -jar shop.jar)');
      expect(message).toContain('TWOFOLD_INSTANCE=1 ./twofold up');
    });
  });

  describe('when it cannot, and several are taken', () => {
    it('lists each one', () => {
      const { message } = portsInUse(
        [
          { name: 'order-1', port: 8080 },
          { name: 'pg-1', port: 8086 },
        ],
        3,
      );
      expect(message).toMatch(/^2 ports are in use:\n {2}- port 8080.*another process\n {2}- port 8086/);
    });
  });
});

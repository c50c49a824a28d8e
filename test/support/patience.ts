import { jest } from '@jest/globals';

// Real servers and whole systems on two shared cores: tests wait for conditions, and this only ends the ones that never come.
jest.setTimeout(60_000);

import { jest } from '@jest/globals';

// Whole systems on two shared cores: a test that waits for one condition may take a while before it is a failure.
jest.setTimeout(60_000);

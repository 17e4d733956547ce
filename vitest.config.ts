import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many files wait for a database or a server of their own: one file a core leaves none idle.
    maxWorkers: '100%',
  },
});

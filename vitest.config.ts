import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    // Many tests wait, for a process or a clock, more than they compute.
    maxWorkers: 2,
    setupFiles: ['test/patience.ts'],
    expect: { poll: { timeout: 10_000 } },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      exclude: [
        'src/**/*.test.ts',
        'src/sandbox/demo.ts',
        'src/sandbox/demo/**',
        'src/start.js',
        'src/config/write-docs.ts',
      ],
      thresholds: {
        lines: 90,
        branches: 85,
        'src/orders/**': { lines: 95, branches: 92 },
        'src/inventory/**': { lines: 95, branches: 92 },
        'src/channels/**': { lines: 95, branches: 92 },
        'src/fulfillment/**': { lines: 95, branches: 92 },
        'src/http/webhooks.ts': { lines: 90, branches: 90 },
      },
      reporter: ['text-summary', 'json-summary'],
    },
  },
});

import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
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
      reporter: ['text-summary', 'json-summary'],
    },
  },
});

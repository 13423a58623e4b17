import { measureConsolePages, type PageTimes } from '../lib/console-pages.ts';
import type { Context, Row } from '../lib/context.ts';
import { newFolder } from '../lib/servers.ts';
import { count, ms } from '../report.ts';

/** A page may take as many times what a route that does nothing takes, both at p99. */
const AT_MOST = 5;

const rowOf = (trivial: PageTimes, orders: number, { name, p50Ms, p99Ms, bytes }: PageTimes): Row => ({
  name: `console: ${name}, ${count(orders)} orders, p50 / p99`,
  floor: `${ms(trivial.p50Ms)} / ${ms(trivial.p99Ms)}`,
  service: `${ms(p50Ms)} / ${ms(p99Ms)}`,
  ratio: `${(p50Ms / trivial.p50Ms).toFixed(1)} / ${(p99Ms / trivial.p99Ms).toFixed(1)}`,
  target: { text: `≤ ${AT_MOST} at p99`, met: p99Ms <= AT_MOST * trivial.p99Ms },
  figures: { orders, p50Ms, p99Ms, bytes, trivialP50Ms: trivial.p50Ms, trivialP99Ms: trivial.p99Ms },
});

/** Every page of the console against a route that touches nothing, asked for in turn. */
export const measureConsole = async (context: Context): Promise<Row[]> => {
  const orders = context.quick ? 10_000 : 100_000;
  const folder = newFolder(context.folder, 'console');
  const { trivial, pages } = await measureConsolePages({ folder, orders, rounds: context.quick ? 100 : 300 });
  return pages.map((page) => rowOf(trivial, orders, page));
};

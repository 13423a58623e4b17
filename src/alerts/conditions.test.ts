import { describe, expect, it } from 'vitest';
import { factsOf, groupOf, sideOf } from '../../test/alert-facts.ts';
import { REASONS } from '../orders/reasons.ts';
import { findConditions } from './conditions.ts';

const NOW = 1_767_225_600_000;
const MINUTE_MS = 60_000;

describe('findConditions', () => {
  it('finds nothing when all is well', () => {
    expect(findConditions(factsOf({ sides: [sideOf('amazon-mcf')] }), NOW)).toEqual([]);
  });

  it('says of each reason how many orders it holds, which, what happened and what to do', () => {
    const reviews = new Map([
      ['sku_unmapped', groupOf(7)],
      ['mcf_no_stock', groupOf(1)],
    ] as const);

    const [first, second] = findConditions(factsOf({ reviews }), NOW);

    expect(first).toMatchObject({ key: 'review/sku_unmapped', severity: 'warning', count: 7 });
    expect(first?.text).toContain('7 orders, among them 576900000000, ');
    expect(first?.text).toContain(REASONS.sku_unmapped.whatHappened);
    expect(first?.text).toContain(REASONS.sku_unmapped.whatToDo);
    expect(second).toMatchObject({ key: 'review/mcf_no_stock', count: 1 });
    expect(second?.text).toContain('1 order: 576900000000.');
  });

  it('puts a missed deadline before one at risk, and says when the nearest is', () => {
    const facts = factsOf({ atRisk: groupOf(2), breached: groupOf(1), soonestDeadlineMs: NOW });

    const conditions = findConditions(facts, NOW);

    expect(conditions).toMatchObject([
      { key: 'deadline/breached', severity: 'critical', count: 1 },
      { key: 'deadline/at_risk', severity: 'warning', count: 2 },
    ]);
    expect(conditions[1]?.text).toContain(new Date(NOW).toISOString());
  });

  describe('an authorisation', () => {
    const DAY_MS = 86_400_000;
    const shopOf = (shopId: string, authorization: string, inDays: number | null) => ({
      shopId,
      name: null,
      authorization,
      authorizationExpiresAtMs: inDays === null ? null : NOW + inDays * DAY_MS,
    });
    const keysOf = (...shops: ReturnType<typeof shopOf>[]): string[] =>
      findConditions(factsOf({ shops }), NOW).map(({ key }) => key);

    it('is told of 30 days and anew 7 days before it ends, and after', () => {
      expect(keysOf(shopOf('1', 'a', 31))).toEqual([]);
      expect(keysOf(shopOf('1', 'a', null))).toEqual([]);
      expect(keysOf(shopOf('1', 'a', 30))).toEqual(['authorization/a/30d']);
      expect(keysOf(shopOf('1', 'a', 7))).toEqual(['authorization/a/7d']);
      expect(keysOf(shopOf('1', 'a', -1))).toEqual(['authorization/a/7d']);
    });

    it('of several shops is one condition that names them', () => {
      const shops = [shopOf('1', 'a', 3), shopOf('2', 'a', 3), shopOf('3', 'b', 300)];

      const [condition, ...more] = findConditions(factsOf({ shops }), NOW);

      expect(more).toEqual([]);
      expect(condition).toMatchObject({ severity: 'critical', count: 2 });
      expect(condition?.title).toContain('1, 2');
    });
  });

  it('counts the parcels whose number TikTok doubts', () => {
    const [condition] = findConditions(factsOf({ warnings: { count: 2, orderIds: ['1'] } }), NOW);

    expect(condition).toMatchObject({ key: 'tracking_warning', severity: 'warning', count: 2 });
    expect(condition?.text).toContain('2 parcels');
  });

  it('makes one condition of an account, however many of its areas are stopped', () => {
    const stopped = { state: 'stopped', sinceMs: NOW } as const;
    const sides = [
      sideOf('amazon-mcf', stopped),
      sideOf('amazon-mcf/stock', stopped),
      sideOf('amazon-mcf/returns'),
      sideOf('tiktok-shop/7'),
    ];

    const conditions = findConditions(factsOf({ sides }), NOW);

    expect(conditions).toMatchObject([
      {
        key: 'side/amazon-mcf',
        severity: 'critical',
        count: 1,
        sides: ['amazon-mcf', 'amazon-mcf/stock'],
      },
    ]);
    expect(conditions[0]?.text).toContain('Stopped: orders, stock.');
  });

  it('is less urgent about an account whose orders go on', () => {
    const sides = [
      sideOf('tiktok-shop/7'),
      sideOf('tiktok-shop/7/stock', { state: 'stopped', sinceMs: NOW }),
    ];

    expect(findConditions(factsOf({ sides }), NOW)).toMatchObject([
      { key: 'side/tiktok-shop/7', severity: 'warning', sides: ['tiktok-shop/7/stock'] },
    ]);
  });

  it('passes over a side that fails for less than fifteen minutes', () => {
    const failing = [sideOf('amazon-mcf', { state: 'failing', sinceMs: NOW })];

    expect(findConditions(factsOf({ sides: failing }), NOW + 15 * MINUTE_MS - 1)).toEqual([]);
    expect(findConditions(factsOf({ sides: failing }), NOW + 15 * MINUTE_MS)).toMatchObject([
      { key: 'side/amazon-mcf', severity: 'warning', title: 'amazon-mcf does not answer' },
    ]);
  });

  it('tells of a daily report that found differences, and of none that found none', () => {
    const reportOf = (count: number) =>
      factsOf({ dailyReport: { date: '2026-01-31', differences: groupOf(count) } });

    expect(findConditions(reportOf(0), NOW)).toEqual([]);
    const [condition] = findConditions(reportOf(2), NOW);
    expect(condition).toMatchObject({ key: 'daily_report/2026-01-31', severity: 'warning', count: 2 });
    expect(condition?.text).toContain('2 differences, orders: 576900000000, 576900000001.');
  });

  it('tells of an outgoing webhook that takes nothing, or was disabled for it, by the host of its address', () => {
    const endpoint = {
      endpointId: 'e1',
      url: 'https://hooks.example.com/secret-path',
      disabledWhy: null,
      failingSinceMs: NOW,
    };
    const told = (over: object, nowMs: number) =>
      findConditions(factsOf({ endpoints: [{ ...endpoint, ...over }] }), nowMs);

    expect(told({}, NOW + 60 * MINUTE_MS - 1)).toEqual([]);
    expect(told({}, NOW + 60 * MINUTE_MS)).toMatchObject([{ key: 'endpoint/e1', severity: 'warning' }]);
    expect(told({ disabledWhy: 'person' }, NOW + 60 * MINUTE_MS)).toEqual([]);
    expect(told({ disabledWhy: 'gone' }, NOW)).toMatchObject([
      { title: 'The outgoing webhook to hooks.example.com is disabled' },
    ]);
    expect(JSON.stringify(told({ disabledWhy: 'failing' }, NOW))).not.toContain('secret-path');
  });
});

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { DailyReport, type DailyReporter } from '../telemetry/daily-report.ts';
import { typed } from './route-docs.ts';

const Query = z.object({
  date: z.iso.date().optional().describe('Day in UTC; left out: the newest report.'),
});

/** `GET /api/reports/daily`: what differed between TikTok, our records and Amazon on a day. */
export const dailyReportRoutes = (app: FastifyInstance, reports: Pick<DailyReporter, 'find'>): void => {
  typed(app).get(
    '/api/reports/daily',
    {
      config: { needs: 'viewer', isForWholeService: true, problems: ['report_missing'] },
      schema: {
        operationId: 'getDailyReport',
        tags: ['Service'],
        summary: 'What differed between TikTok, our records and Amazon on a day',
        querystring: Query,
        response: { 200: DailyReport },
      },
    },
    async ({ query }) => {
      const report = await reports.find(query.date ?? null);
      if (report) return report;
      throw new AppError(
        'report_missing',
        404,
        'No report of this day is kept; `date` is a day of the last month, in UTC.',
      );
    },
  );
};

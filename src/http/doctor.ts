import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Doctor } from '../doctor/index.ts';
import { CHECKS, overall, STATES } from '../doctor/line.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { typed } from './route-docs.ts';

export const DoctorAnswer = z.object({
  state: z.enum(STATES).describe('The worst of all lines'),
  checkedAt: z.iso.datetime(),
  lines: z.array(
    z.object({
      check: z.enum(CHECKS),
      state: z.enum(STATES),
      message: z.string(),
      fix: z.string().nullable().describe('What to do'),
      shopId: z.string().nullable(),
      amazonAccount: z.string().nullable(),
    }),
  ),
});

/** `GET /api/doctor`: looks at the whole set-up now, by read-only calls. */
export const doctorRoutes = (
  app: FastifyInstance,
  { doctor, clock }: { doctor: Doctor; clock: Clock },
): void => {
  typed(app).get(
    '/api/doctor',
    {
      config: { needs: 'admin', isForWholeService: true },
      schema: {
        operationId: 'runDoctor',
        tags: ['Service'],
        summary: 'Checks the whole set-up now, by read-only calls, and says what is wrong and how to mend it',
        response: { 200: DoctorAnswer },
      },
    },
    async () => {
      const lines = await doctor.run();
      return { state: overall(lines), checkedAt: isoTime(clock.nowMs()), lines };
    },
  );
};

import { type Line, passed, warned } from './line.ts';

/** What the environment says, as far as the doctor has an opinion of it. */
export type Settings = { publicUrl: string | null; hasAlerts: boolean; isShadow: boolean };

/** Of an environment that can be started with. */
export const configurationLines = ({ publicUrl, hasAlerts, isShadow }: Settings): Line[] => {
  const lines = [passed('configuration', 'Every setting that is needed is there and well formed.')];
  if (publicUrl?.startsWith('http://'))
    lines.push(
      warned(
        'configuration',
        'PUBLIC_URL is http: TikTok sends webhooks to https only.',
        'Put a TLS proxy in front, and its https address in PUBLIC_URL.',
      ),
    );
  if (!hasAlerts)
    lines.push(
      warned(
        'configuration',
        'Alerts go nowhere, so what needs a person is seen only by who looks.',
        'Set ALERT_WEBHOOK_URL, or ALERT_SMTP_URL with ALERT_MAIL_FROM and ALERT_MAIL_TO.',
      ),
    );
  if (isShadow)
    lines.push(
      warned(
        'configuration',
        'MODE=shadow: nothing is placed at Amazon, reported to TikTok or pushed.',
        'Set MODE=live once the comparison (GET /api/shadow) shows no difference that matters.',
      ),
    );
  return lines;
};

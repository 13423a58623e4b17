import { ADMIN_TOKEN } from './cast.ts';
import { placedAs, type Scene } from './scene.ts';

/** What can be tried while the shop stays open. */
export const usageText = (scene: Scene): string => {
  const { service, tiktok, amazon } = scene.world;
  const { url } = service;
  const curl = `curl -s -H 'Authorization: Bearer ${ADMIN_TOKEN}'`;
  const inParcels = placedAs(scene, 'parcels').orderId;
  const inReview = placedAs(scene, 'address').orderId;
  return [
    '',
    "The shop stays open, and its clock goes on at a person's pace; Ctrl-C closes it.",
    '',
    `  console       ${url}/console (sign in as admin with the token)`,
    `  health        ${url}/health`,
    `  orders        ${url}/api/orders`,
    `  TikTok Shop   ${tiktok.url} (simulator)`,
    `  Amazon        ${amazon.url} (simulator)`,
    `  admin token   ${ADMIN_TOKEN}`,
    '',
    'Is all well, and which orders need a person:',
    `  curl -s ${url}/health`,
    `  ${curl} '${url}/api/orders?stage=review'`,
    'An order with its parcels and its timeline; all stock figures:',
    `  ${curl} ${url}/api/orders/${inParcels}`,
    `  ${curl} ${url}/api/inventory`,
    'Try the order in review again (its address is still wrong, so it stays there); run a pass:',
    `  ${curl} -X POST ${url}/api/orders/${inReview}/retry`,
    `  ${curl} -X POST ${url}/reconcile`,
  ].join('\n');
};

import { type Html, html, nothing } from './html.ts';
import { barePage } from './layout.ts';
import { notice } from './parts.ts';

export type SignInData = {
  /** Where one wanted to go. */
  next: string;
  name: string;
  fault: string | null;
  /** An identity provider is set up. */
  hasOidc: boolean;
};

/** `/console/sign-in`: with a name and a password, or with the service's own token as the password of `admin`. */
export const signInPage = ({ next, name, fault, hasOidc }: SignInData): Html =>
  barePage(
    'Sign in',
    html`${fault === null ? nothing : notice(fault, 'bad')}
    <form method="post" action="/console/sign-in">
      <input type="hidden" name="next" value="${next}">
      <div class="field"><label for="name">Name</label><input id="name" name="name" value="${name}" autocomplete="username" required autofocus></div>
      <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="current-password" required></div>
      <button>Sign in</button></form>
    ${hasOidc ? html`<p><a class="button second" href="/session/oidc?next=${encodeURIComponent(next)}">Sign in with your organisation</a></p>` : nothing}
    <p class="hint">The first time, sign in as <strong>admin</strong> with the service’s <code>ADMIN_TOKEN</code> as the password, then add people.</p>`,
  );

const FAULTS: Readonly<Record<number, { title: string; next: string }>> = {
  400: { title: 'That did not fit', next: 'Go back, mend what is named, and send it again.' },
  403: { title: 'You may not do this', next: 'Ask somebody with a wider role.' },
  404: { title: 'There is nothing here', next: 'The address is wrong, or what it showed is gone.' },
  409: { title: 'Not now', next: 'Look at it again and decide anew.' },
  429: { title: 'Too fast', next: 'Wait a minute, then try again.' },
  502: {
    title: 'The other side did not answer',
    next: 'TikTok Shop or Amazon is away; try again in a while.',
  },
  503: {
    title: 'The service cannot do this now',
    next: 'Try again in a moment; /health says what is wrong.',
  },
};
const UNKNOWN = {
  title: 'Something failed here',
  next: 'The log of the service says more. Nothing was left half done.',
};

/** What a person sees where something could not be done: what happened, and what to do. */
export const faultPage = (status: number, detail: string, faults: readonly string[] = []): Html => {
  const { title, next } = FAULTS[status] ?? UNKNOWN;
  return barePage(
    title,
    html`<p>${detail}</p>${faults.length > 0 ? html`<ul>${faults.map((fault) => html`<li>${fault}</li>`)}</ul>` : nothing}<p>${next}</p>
    <p><a class="button" href="/console">To the first page</a></p>`,
  );
};

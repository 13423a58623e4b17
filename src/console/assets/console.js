/* Everything here makes pages nicer; each page works without it. */
(() => {
  const root = document.documentElement;
  const saved = localStorage.getItem('theme');
  if (saved) root.dataset.theme = saved;

  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });
  const STEPS = [
    [60, 'second', 1],
    [3600, 'minute', 60],
    [86400, 'hour', 3600],
    [Infinity, 'day', 86400],
  ];
  // The clock of the service counts: this machine's may be wrong.
  const aheadMs = Number(document.body?.dataset.now ?? Date.now()) - Date.now();
  const near = (ms) => {
    const seconds = (ms - Date.now() - aheadMs) / 1000;
    const [, unit, size] = STEPS.find(([limit]) => Math.abs(seconds) < limit);
    return relative.format(Math.round(seconds / size), unit);
  };
  const showTimes = (scope) => {
    for (const node of scope.querySelectorAll('time[datetime]')) {
      const ms = Date.parse(node.dateTime);
      if (Number.isNaN(ms)) continue;
      const text = node.dataset.style === 'relative' ? near(ms) : exact.format(ms);
      if (node.textContent !== text) node.textContent = text;
      const title = `${full.format(ms)} (${node.dateTime})`;
      if (node.title !== title) node.title = title;
    }
  };
  const say = (text) => {
    const live = document.getElementById('live');
    if (live) live.textContent = text;
  };

  const isTyping = (target) => target.closest?.('input, textarea, select, [contenteditable]');
  const palette = document.getElementById('palette');
  const input = document.getElementById('palette-input');
  const list = document.getElementById('palette-list');
  let shown = [];
  let chosen = 0;

  const commands = () =>
    [...document.querySelectorAll('[data-command]')]
      .filter((node) => !node.closest('[hidden]') && !node.disabled)
      .map((node) => ({ text: node.dataset.command, run: () => node.click() }));
  const choose = (index) => {
    chosen = Math.max(0, Math.min(shown.length - 1, index));
    [...list.children].forEach((item, at) => {
      item.setAttribute('aria-selected', String(at === chosen));
      if (at === chosen) {
        input.setAttribute('aria-activedescendant', item.id);
        item.scrollIntoView({ block: 'nearest' });
      }
    });
  };
  const fill = () => {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    shown = commands().filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
    const asked = input.value.trim();
    if (asked.length > 3)
      shown.push({
        text: `Find “${asked}” in the orders`,
        run: () => location.assign(`/console/orders?q=${encodeURIComponent(asked)}`),
      });
    list.replaceChildren(
      ...shown.map(({ text }, index) => {
        const item = document.createElement('li');
        item.id = `command-${index}`;
        item.setAttribute('role', 'option');
        item.textContent = text;
        item.addEventListener('click', () => runCommand(index));
        return item;
      }),
    );
    choose(0);
  };
  const openPalette = () => {
    input.value = '';
    fill();
    palette.showModal();
    input.focus();
  };
  const runCommand = (index) => {
    palette.close();
    shown[index]?.run();
  };
  input?.addEventListener('input', fill);
  input?.addEventListener('keydown', (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if (event.key === 'Enter') runCommand(chosen);
    else return;
    event.preventDefault();
  });

  const rows = () => [...document.querySelectorAll('main .row')].filter((row) => row.offsetParent);
  const step = (by) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((row) => row.contains(document.activeElement) || row.classList.contains('here'));
    for (const row of all) row.classList.remove('here');
    const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
    next.classList.add('here');
    const link = next.querySelector('a.row-link, a, button, summary');
    (link ?? next).focus();
    next.scrollIntoView({ block: 'nearest' });
  };

  let awaitsPlace = false;
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k' && palette) {
      event.preventDefault();
      return palette.open ? palette.close() : openPalette();
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || palette?.open) return;
    const key = event.key.toLowerCase();
    if (awaitsPlace) {
      awaitsPlace = false;
      const link = document.querySelector(`.places a[data-key="${CSS.escape(key)}"]`);
      if (link) link.click();
      return;
    }
    if (key === 'g') awaitsPlace = true;
    else if (key === 'j') step(1);
    else if (key === 'k') step(-1);
    else if (key === '/') document.getElementById('find')?.focus();
    else if (event.key === '?') document.getElementById('keys')?.showModal();
    else {
      const wanted = `[data-shortcut="${CSS.escape(key)}"]`;
      const row = document.activeElement?.closest?.('main .row') ?? document.querySelector('main .row.here');
      const target = row?.querySelector(wanted) ?? document.querySelector(`main ${wanted}`);
      if (!target) return;
      target.click();
    }
    event.preventDefault();
  });

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-open]');
    if (opener) {
      if (opener.dataset.open === 'palette') openPalette();
      else document.getElementById(opener.dataset.open)?.showModal();
    }
    if (event.target.closest('[data-close]')) event.target.closest('dialog')?.close();
    if (event.target.closest('[data-theme-switch]')) {
      const isDark = root.dataset.theme
        ? root.dataset.theme === 'dark'
        : matchMedia('(prefers-color-scheme: dark)').matches;
      root.dataset.theme = isDark ? 'light' : 'dark';
      localStorage.setItem('theme', root.dataset.theme);
    }
    const copy = event.target.closest('[data-copy]');
    if (copy)
      void navigator.clipboard?.writeText(copy.dataset.copy).then(
        () => say('Copied'),
        () => say('Copying is not allowed here'),
      );
    for (const menu of document.querySelectorAll('details.me[open]'))
      if (!menu.contains(event.target)) menu.open = false;
  });
  // A chosen file is read into the field that would be pasted into.
  document.addEventListener('change', (event) => {
    const into = document.getElementById(event.target.dataset?.readsInto ?? '');
    const [file] = event.target.files ?? [];
    if (!into || !file) return;
    void file.text().then(
      (text) => {
        into.value = text;
        return say('The file was read');
      },
      () => say('The file could not be read'),
    );
  });

  // A form with a question is asked before it is sent.
  document.addEventListener(
    'submit',
    (event) => {
      const question = event.submitter?.dataset.confirm ?? event.target.dataset.confirm;
      if (!question || confirm(question)) return;
      event.preventDefault();
      // Nor is it sent by the script that would take its place.
      event.stopPropagation();
    },
    true,
  );

  // What changed is not told, only that something did: each live part asks anew for what its reader may see.
  const ring = () => document.body.dispatchEvent(new Event('mcf-changed'));
  let live = null;
  let waits = 0;
  const changed = () => {
    waits ||= setTimeout(() => {
      waits = 0;
      ring();
    }, 1_000);
  };
  // A browser grants a host few connections, so only the page that is looked at holds one.
  const follow = () => {
    if (document.hidden) {
      live?.close();
      live = null;
    }
    if (live || document.hidden) return;
    const source = new EventSource('/console/live');
    let wasOpen = false;
    live = source;
    source.addEventListener('changed', changed);
    source.addEventListener('open', () => {
      if (wasOpen) changed();
      wasOpen = true;
    });
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED || live !== source) return;
      live = null;
      setTimeout(follow, 15_000);
    });
  };
  if (document.querySelector('[data-live]')) {
    follow();
    document.addEventListener('visibilitychange', () => {
      follow();
      if (!document.hidden) changed();
    });
    addEventListener('pagehide', () => live?.close());
  }

  // What somebody opened stays open when its surroundings are shown anew.
  const opened = new Set();
  document.addEventListener(
    'toggle',
    ({ target }) => {
      if (!target.id) return;
      if (target.open) opened.add(target.id);
      else opened.delete(target.id);
    },
    true,
  );
  document.addEventListener('htmx:after:swap', () => {
    for (const id of opened) document.getElementById(id)?.setAttribute('open', '');
  });

  let reviews = document.getElementById('review-count')?.textContent;
  document.addEventListener('htmx:after:swap', () => {
    const now = document.getElementById('review-count')?.textContent;
    if (now !== reviews) say(now === '1' ? '1 order is in review' : `${now} orders are in review`);
    reviews = now;
  });

  // Personal data goes again by itself, when its reader is done, and before the page is put aside.
  const forget = () => {
    for (const node of document.querySelectorAll('[data-forget-after]')) node.remove();
  };
  const forgetLater = () => {
    for (const node of document.querySelectorAll('[data-forget-after]:not([data-timed])')) {
      node.dataset.timed = '';
      setTimeout(() => node.remove(), node.dataset.forgetAfter * 1000);
    }
  };
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-forget]')) return;
    // Where it is a page of its own, its link leads away from it.
    if (document.getElementById('address-read')) event.preventDefault();
    forget();
  });
  addEventListener('pagehide', forget);
  document.addEventListener('htmx:after:swap', forgetLater);
  document.addEventListener('DOMContentLoaded', forgetLater);

  document.addEventListener('htmx:after:swap', () => showTimes(document));
  document.addEventListener('DOMContentLoaded', () => showTimes(document));
  if (document.readyState !== 'loading') showTimes(document);
  setInterval(() => showTimes(document), 20_000);
  // Nothing that was shown to one person is brought back for the next one.
  addEventListener('pageshow', (event) => event.persisted && location.reload());
})();

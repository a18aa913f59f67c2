// Navigation, day and night, copying of code, and the search, which works from a file as well as from a server.
(() => {
  const root = document.body.dataset.root;
  const $ = (id) => document.getElementById(id);

  const dark = matchMedia('(prefers-color-scheme: dark)');
  $('theme').addEventListener('click', () => {
    const html = document.documentElement;
    const now = html.dataset.theme ?? (dark.matches ? 'dark' : 'light');
    html.dataset.theme = now === 'dark' ? 'light' : 'dark';
    try {
      localStorage.setItem('rxaug-theme', html.dataset.theme);
    } catch {
      // Without storage the choice holds for this page.
    }
  });

  // On a wide page the list of pages is always open.
  const aside = $('aside');
  const wide = matchMedia('(min-width: 60rem)');
  const open = () => {
    if (aside) aside.open = wide.matches;
  };
  open();
  wide.addEventListener('change', open);
  const current = aside?.querySelector('[aria-current]');
  if (current && wide.matches) aside.parentElement.scrollTop = current.offsetTop - 120;

  for (const block of document.querySelectorAll('.code')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = 'Copy';
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector('code').textContent);
        button.textContent = 'Copied';
      } catch {
        getSelection().selectAllChildren(block.querySelector('code'));
        button.textContent = 'Selected';
      }
      setTimeout(() => {
        button.textContent = 'Copy';
      }, 1500);
    });
    block.append(button);
  }

  const field = $('search');
  const hits = $('hits');
  let index;
  let chosen = -1;

  function load() {
    index ??= new Promise((resolve, reject) => {
      const script = document.createElement('script');
      script.src = `${root}assets/search-index.js`;
      script.onload = () =>
        resolve(
          window.rxaugIndex.map((row) => ({ row, title: row[0].toLowerCase(), text: row[3].toLowerCase() })),
        );
      script.onerror = () => reject(new Error('the search index did not load'));
      document.head.append(script);
    });
    return index;
  }

  const words = (query) =>
    query
      .toLowerCase()
      .split(/[^\p{L}\p{N}_$.-]+/u)
      .filter(Boolean);

  /** Every word must be found; titles count more than text, beginnings more than middles. */
  function score({ title, text, row }, query) {
    let total = 0;
    for (const word of query) {
      const at = title.indexOf(word);
      if (title === word) total += 100;
      else if (at === 0) total += 40;
      else if (at > 0) total += 20;
      else if (text.includes(word)) total += 4;
      else return 0;
    }
    return total + (row[1] === 'transform' || row[1] === 'guide' ? 3 : 0) - title.length / 100;
  }

  async function search() {
    const query = words(field.value);
    chosen = -1;
    if (query.length === 0) return close();
    let all;
    try {
      all = await load();
    } catch (error) {
      hits.textContent = error.message;
      return show();
    }
    const found = all
      .map((entry) => ({ entry, score: score(entry, query) }))
      .filter((hit) => hit.score > 0)
      .sort((a, b) => b.score - a.score);
    hits.replaceChildren(...found.slice(0, 20).map(({ entry }) => hit(entry, query)));
    if (found.length === 0) hits.textContent = 'Nothing found.';
    show();
  }

  function hit({ row: [title, kind, address, text] }, query) {
    const link = document.createElement('a');
    link.href = root + address;
    link.setAttribute('role', 'option');
    const head = document.createElement('b');
    head.textContent = title;
    const what = document.createElement('small');
    what.textContent = kind;
    const about = document.createElement('span');
    const at = Math.max(0, text.toLowerCase().indexOf(query[0]) - 40);
    about.textContent = (at > 0 ? '…' : '') + text.slice(at, at + 140);
    link.append(head, what, about);
    return link;
  }

  function show() {
    hits.hidden = false;
    field.setAttribute('aria-expanded', 'true');
  }
  function close() {
    hits.hidden = true;
    field.setAttribute('aria-expanded', 'false');
  }

  field.addEventListener('focus', () => void load().catch(() => undefined));
  field.addEventListener('input', search);
  field.addEventListener('keydown', (event) => {
    const links = [...hits.querySelectorAll('a')];
    if (event.key === 'Escape') {
      close();
      field.blur();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      chosen = Math.min(links.length - 1, Math.max(0, chosen + step));
      links.forEach((link, i) => {
        link.classList.toggle('chosen', i === chosen);
      });
      links[chosen]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && links.length > 0) {
      location.href = links[Math.max(0, chosen)].href;
      close();
    }
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.search')) close();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) {
      event.preventDefault();
      field.focus();
    }
  });
})();

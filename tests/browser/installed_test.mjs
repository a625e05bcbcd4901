// The page as an installed app: what its service worker keeps and what it leaves alone, and photos that other
// apps share with it.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { card, launch, openPage, openTab } from './browser.mjs';
import { Service, asFile, group, portrait } from './service.mjs';

/** What stands between the browser and the service: it can fail, be gone, and bring another page. */
class Line {
  mode = 'good';
  title = null;

  async start(service) {
    this.server = http.createServer((request, response) => this.pass(service, request, response));
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  pass(service, request, response) {
    if (this.mode === 'gone') return request.socket.destroy();
    if (this.mode === 'failing') return response.writeHead(502).end('<h1>502 Bad Gateway</h1>');
    const isPage = request.url === '/' && this.title !== null;
    const headers = { ...request.headers };
    if (isPage) for (const name of ['accept-encoding', 'if-none-match']) delete headers[name];
    const inner = http.request(service.url + request.url, { method: request.method, headers }, (answer) => {
      if (!isPage) return answer.pipe(response.writeHead(answer.statusCode, answer.headers));
      const { 'content-length': _, etag: __, ...rest } = answer.headers;
      let text = '';
      answer.on('data', (part) => (text += part));
      answer.on('end', () => {
        response.writeHead(answer.statusCode, rest).end(text.replace('<body', `<body id="${this.title}"`));
      });
    });
    inner.on('error', () => response.destroy());
    request.pipe(inner);
    response.on('close', () => inner.destroy());
  }

  end() {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const service = new Service();
let browser;
before(async () => {
  await service.start();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await service.end();
});

async function withLine(use) {
  const line = await new Line().start(service);
  const page = await openPage(browser, line, { serviceWorkers: 'allow' });
  try {
    await page.evaluate(() => navigator.serviceWorker.ready);
    // It takes the page over while it is still being activated: a reload then can fail in the browser.
    await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated');
    await page.locator('#add-title').waitFor();
    await page.waitForFunction(async () => {
      const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
      const own = ['/', ...loaded.filter((path) => path.startsWith('/assets/'))];
      return (await Promise.all(own.map((path) => caches.match(path)))).every(Boolean);
    });
    await use(page, line);
    assert.deepEqual(page.faults, []);
  } finally {
    await page.context().close();
    line.end();
  }
}

const keptFiles = (page) =>
  page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
    }
    return found.sort();
  });

/** As the browser does when another app shares files with the installed page. */
async function share(page, files) {
  await page.evaluate(() => {
    const form = document.createElement('form');
    Object.assign(form, { id: 'as-shared', method: 'post', action: '/share', enctype: 'multipart/form-data' });
    form.innerHTML = '<input type="file" name="photos" multiple>';
    document.body.append(form);
  });
  await page.setInputFiles('#as-shared input', files);
  await Promise.all([
    page.waitForURL((url) => url.pathname === '/'),
    page.waitForEvent('load'),
    page.evaluate(() => document.getElementById('as-shared').submit()),
  ]);
}

test('the browser finds all that it takes to install the page', () =>
  withLine(async (page, line) => {
    const manifest = await (await fetch(line.url + '/manifest.webmanifest')).json();
    assert.equal(manifest.display, 'standalone');
    for (const icon of manifest.icons) {
      const answer = await fetch(line.url + icon.src);
      assert.equal(answer.headers.get('content-type'), icon.type, icon.src);
    }
    const link = await page.context().newCDPSession(page);
    const { installabilityErrors } = await link.send('Page.getInstallabilityErrors');
    // A window without a profile on disk can never install anything.
    const faults = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
    assert.deepEqual(faults, []);
  }));

test('the shell opens without the service after one visit, says so, and goes on by itself', () =>
  withLine(async (page, line) => {
    for (const mode of ['gone', 'failing']) {
      line.mode = mode;
      line.server.closeAllConnections();
      // Now and then Chromium fails a load whose connections are closed at that moment; a person reloads.
      await page.reload().catch(() => page.reload());
      await page.locator('#add-title').waitFor();
      await page.locator('p.offline').waitFor();
      line.mode = 'good';
      await page.locator('p.offline').waitFor({ state: 'detached' });
    }
  }));

test('only the shell is kept: no photo, no answer of the API', () =>
  withLine(async (page, line) => {
    await page.setInputFiles('#picker', [asFile('kept.png', portrait())]);
    await card(page, 'kept.png').getByRole('link').click();
    await page.locator('.divider').waitFor();
    await page.goto(`${line.url}/api/v1/jobs`);
    await page.goto(`${line.url}/api/docs`);
    await page.goto(`${line.url}/#/settings`);
    await page.locator('dl').waitFor();
    const kept = await keptFiles(page);
    assert.ok(kept.includes('/') && kept.some((name) => name.endsWith('.js')), `${kept}`);
    assert.deepEqual(kept.filter((name) => !/^\/($|assets\/|icons\/)/.test(name)), []);
    line.mode = 'gone';
    line.server.closeAllConnections();
    for (const path of ['/api/v1/jobs', '/api/v1/queue', '/api/docs']) {
      assert.equal(await page.evaluate((asked) => fetch(asked).then(() => 'kept', () => 'gone'), path), 'gone', path);
    }
  }));

test('a newer page is seen at once', () =>
  withLine(async (page, line) => {
    await page.reload();
    line.title = 'newer';
    await page.reload();
    await page.locator('body#newer').waitFor({ state: 'attached' });
    line.title = 'newest';
    const tab = await openTab(page.context(), line);
    await tab.locator('body#newest').waitFor({ state: 'attached' });
    // And it is what opens without the service.
    line.mode = 'gone';
    line.server.closeAllConnections();
    await tab.reload();
    await tab.locator('body#newest').waitFor({ state: 'attached' });
    const copies = (await keptFiles(tab)).filter((name) => name === '/');
    assert.deepEqual(copies, ['/']);
  }));

test('photos that another app shares are sent, each once', () =>
  withLine(async (page) => {
    await share(page, [asFile('from the gallery.jpg', group(3)), asFile('奶奶.jpg', group(4))]);
    await card(page, 'from the gallery.jpg').getByRole('link').waitFor();
    await card(page, '奶奶.jpg').getByRole('link').waitFor();
    assert.deepEqual((await keptFiles(page)).filter((name) => name.startsWith('/shared')), []);
    await page.reload();
    await card(page, '奶奶.jpg').getByRole('link').waitFor();
    assert.equal((await service.json('GET', '/api/v1/jobs?text=gallery')).jobs.length, 1);
  }));

// Both run in the page.
const countShared = async () => (await (await caches.open('gpen-shared')).keys()).length;

const countUploads = () =>
  new Promise((resolve) => {
    indexedDB.open('gpen').onsuccess = ({ target: { result: database } }) => {
      database.transaction('uploads').objectStore('uploads').count().onsuccess = ({ target }) => {
        database.close();
        resolve(target.result);
      };
    };
  });

/** Waits until `count`, run in the page, gives `expected`. */
async function untilCounts(page, count, expected) {
  while ((await page.evaluate(count)) !== expected) await page.waitForTimeout(50);
}

test('what is shared while the service is away is sent once when it is back', () =>
  withLine(async (page, line) => {
    line.mode = 'gone';
    line.server.closeAllConnections();
    // The first page ends between keeping the photo and letting the shared one go.
    await page.addInitScript(() => {
      if (sessionStorage.getItem('later')) return;
      sessionStorage.setItem('later', 'yes');
      Cache.prototype.delete = () => new Promise(() => undefined);
    });
    await share(page, [asFile('on the train.jpg', group(5))]);
    await untilCounts(page, countUploads, 1);
    assert.equal(await page.evaluate(countShared), 1);
    await page.reload();
    await untilCounts(page, countShared, 0);
    await page.locator('section li', { hasText: 'on the train.jpg' }).waitFor();
    line.mode = 'good';
    await card(page, 'on the train.jpg').getByRole('link').waitFor();
    assert.equal((await service.json('GET', '/api/v1/jobs?text=train')).jobs.length, 1);
  }));

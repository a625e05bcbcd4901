// Debian's chromium, and pages that remember what went wrong on them: errors of scripts, refused
// content, requests that left the machine.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { Service } from './service.mjs';

export const ENGLISH = { locale: 'en-US' };
export const CHINESE = { locale: 'zh-CN' };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export async function launch() {
  return chromium.launch({
    executablePath: process.env.GPEN_CHROMIUM ?? '/usr/bin/chromium',
    // Root in a container has no sandbox of its own; only our own page is opened.
    // Without a locale of UTF-8, as a person's desktop has it, names of downloads lose their Chinese.
    env: { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
}

/** One browser for the tests of a file, which have a service each; `take(browser)` is called before the first. */
export function shareBrowser(take) {
  let browser;
  before(async () => {
    browser = await launch();
    take(browser);
  });
  after(() => browser?.close());
}

/** One service and one browser for all tests of a file; `take(service, browser)` is called before the first. */
export function shareService(take) {
  const service = new Service();
  let browser;
  before(async () => {
    await service.start();
    browser = await launch();
    take(service, browser);
  });
  after(async () => {
    await browser?.close();
    await service.end();
  });
}

/** A page of `service` whose `faults` list must stay empty. */
export async function openPage(browser, service, options = {}, address = '/') {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 850 },
    serviceWorkers: 'block', // What passes through one while it starts is not seen by a test's routes.
    ...ENGLISH,
    ...options,
  });
  // Tests stay where they are when a photo is finished, unless they are about that.
  await context.addInitScript(() => {
    if (!localStorage.getItem('gpen-preferences')) localStorage.setItem('gpen-preferences', '{"openFinished":false}');
  });
  return openTab(context, service, address);
}

/** One more page of the same browser. */
export async function openTab(context, service, address = '/') {
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(`script: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.faults.push(message.text());
  });
  page.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    const isOwn = protocol === 'blob:' || protocol === 'data:' || host === new URL(service.url).host;
    if (!isOwn) page.faults.push(`left the machine: ${request.url()}`);
  });
  await page.goto(service.url + address);
  return page;
}

export const card = (page, name) => page.locator('ul.grid li', { hasText: name });

/** Sends photos through the page's own file input. */
export async function sendPhotos(page, files) {
  await page.setInputFiles('#picker', files);
}

/** Limits what the page may send, in bytes a second; 0 for no limit. */
export async function throttle(page, uploadBytes, offline = false) {
  page.link ??= await page.context().newCDPSession(page);
  await page.link.send('Network.emulateNetworkConditions', {
    offline, latency: uploadBytes ? 40 : 0, downloadThroughput: -1, uploadThroughput: uploadBytes || -1,
  });
}

/** Drops files and folders, by their paths, in the middle of the page. */
export async function dropPaths(page, paths) {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const { width, height } = page.viewportSize();
  for (const type of ['dragEnter', 'dragOver', 'drop']) {
    await session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  }
}

/** Sends one photo, waits for it and opens it. */
export async function restoreAndOpen(page, file) {
  const name = typeof file === 'string' ? file.split('/').at(-1) : file.name;
  await sendPhotos(page, file);
  await card(page, name).getByRole('link').click();
  await page.locator('.divider').waitFor();
}

/** Mean difference between before and after inside a box, as the page's own images show them. */
export function difference(page, box) {
  return page.evaluate(async ([left, top, width, height]) => {
    const [before, after] = [...document.querySelectorAll('.layer img')];
    await Promise.all([before.decode(), after.decode()]);
    const pixels = (image) => {
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext('2d');
      context.drawImage(image, -left, -top);
      return context.getImageData(0, 0, width, height).data;
    };
    const a = pixels(before);
    const b = pixels(after);
    let sum = 0;
    for (let i = 0; i < a.length; ++i) sum += Math.abs(a[i] - b[i]);
    return sum / a.length;
  }, box.map(Math.round));
}

/** Waits until the page shows the outcome of the change that `act` makes. */
export async function blended(page, act) {
  const picture = page.locator('.layer img').nth(1);
  const old = await picture.getAttribute('src');
  const isAnswer = (response) => response.url().endsWith('/blend') && response.request().method() !== 'GET';
  const answer = page.waitForResponse(isAnswer);
  await act();
  assert.equal((await answer).status(), 200);
  // The new picture is put there when it has been decoded.
  await page.waitForFunction((src) => document.querySelectorAll('.layer img')[1].getAttribute('src') !== src, old);
}

const PICTURES = process.env.GPEN_SCREENSHOTS; // A folder: views are saved there, to be looked at.

export async function savePicture(page, name) {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  const fullPage = !name.includes('photo') || name.includes('phone');
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage });
}

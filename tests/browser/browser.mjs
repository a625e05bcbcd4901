// Debian's chromium, and pages that remember what went wrong on them: errors of scripts, refused
// content, requests that left the machine.
import { chromium } from 'playwright-core';

export const ENGLISH = { locale: 'en-US' };
export const CHINESE = { locale: 'zh-CN' };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

export async function launch() {
  return chromium.launch({
    executablePath: process.env.GPEN_CHROMIUM ?? '/usr/bin/chromium',
    // Root in a container has no sandbox of its own; only our own page is opened.
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
  });
}

/** A page of `service` whose `faults` list must stay empty. */
export async function openPage(browser, service, options = {}, address = '/') {
  const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, ...ENGLISH, ...options });
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

/** Sends one photo, waits for it and opens it. */
export async function restoreAndOpen(page, file) {
  const name = typeof file === 'string' ? file.split('/').at(-1) : file.name;
  await sendPhotos(page, file);
  await card(page, name).getByRole('link').click();
  await page.locator('.divider').waitFor();
}

import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser these tests drive, or undefined where there is none; then they must not pass silently. */
export function findChromium(): string | undefined {
  const path = [process.env.CHROMIUM, ...PLACES].find((candidate) => candidate && existsSync(candidate));
  if (path !== undefined) return path;
  const message = 'Chromium not found (Debian package `chromium`, or set CHROMIUM=/path)';
  if (process.env.SCREENTEST_REQUIRE_SERVERS === '1') throw new Error(`${message}; it is required here.`);
  console.warn(`SKIPPED: the browser tests of the report pages. ${message}.`);
  return undefined;
}

export const launch = (executablePath: string) =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

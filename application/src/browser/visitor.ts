import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** How somebody looks at the pages. */
export interface Look {
    readonly name: string;
    readonly viewport: { readonly width: number; readonly height: number };
    readonly colorScheme: 'light' | 'dark';
    readonly locale: string;
}

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

/** What axe finds that keeps people out. */
export interface Barrier {
    readonly rule: string;
    readonly impact: string;
    readonly where: string;
}

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
/** A machine that does other things too is slow, not wrong. */
const PATIENCE_MS = 240_000;
const PASSWORD = 'four plain words suffice';

/** Somebody with a browser: opens pages, and keeps what went wrong meanwhile. */
export class Visitor {
    readonly page: Page;
    /** Errors of scripts, and what the browser refused by the pages' security policy. */
    readonly errors: string[] = [];
    readonly #context: BrowserContext;

    private constructor(context: BrowserContext, page: Page) {
        this.#context = context;
        this.page = page;
        page.setDefaultTimeout(PATIENCE_MS);
        page.on('pageerror', (error) => this.errors.push(error.message));
        page.on('console', (message) => {
            if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) {
                this.errors.push(message.text());
            }
        });
    }

    /** `session`: as a visitor had it who was logged in. */
    static async open(
        browser: Browser,
        address: string,
        { viewport, colorScheme, locale }: Look,
        session?: Awaited<ReturnType<BrowserContext['storageState']>>,
    ): Promise<Visitor> {
        const context = await browser.newContext({
            viewport,
            colorScheme,
            locale,
            baseURL: address,
            reducedMotion: 'reduce',
            ...(session && { storageState: session }),
        });
        return new Visitor(context, await context.newPage());
    }

    /** For the first time, with a code; what is asked for afterwards is the password. */
    async setPassword(link: string): Promise<void> {
        await this.page.goto(link);
        await this.page.fill('#password', PASSWORD);
        await this.#submit();
    }

    async logIn(household: string, password = PASSWORD): Promise<void> {
        await this.page.goto('/login');
        await this.page.fill('#household', household);
        await this.page.fill('#password', password);
        await this.#submit();
    }

    async #submit(): Promise<void> {
        await this.page.click('button[type=submit]');
        await this.page.waitForSelector('nav, [role=alert]:not(:empty)');
    }

    /** Opens a page and waits until it shows what it has to show. */
    async visit(path: string): Promise<void> {
        await this.page.goto(path);
        await this.settled();
    }

    /** By selectors: the pages' security policy forbids what makes code of text, in tests, too. */
    async settled(): Promise<void> {
        await this.page.waitForSelector('main:not(:has(.loading)):not(:has(.canvas:empty)) h1');
    }

    /** Serious and critical findings by the rules of WCAG 2.2, levels A and AA, and axe's best practices. */
    async barriers(): Promise<Barrier[]> {
        await this.page.evaluate(AXE);
        return this.page.evaluate(`axe.run().then(({ violations }) => violations
            .filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .flatMap(({ id, impact, nodes }) => nodes.map(({ target, failureSummary }) =>
                ({ rule: id, impact, where: target.join(' ') + ': ' + failureSummary }))))`);
    }

    /** How far the page is wider than the window, in pixels. */
    overflow(): Promise<number> {
        return this.page.evaluate(`document.documentElement.scrollWidth - innerWidth`);
    }

    text(selector = 'main'): Promise<string> {
        return this.page.innerText(selector);
    }

    close(): Promise<void> {
        return this.#context.close();
    }
}

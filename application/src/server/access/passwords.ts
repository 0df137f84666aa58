import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** 64 MB and about a tenth of a second for each guess (OWASP's second choice is N = 2^16, r = 8, p = 1). */
const COST = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 } as const satisfies ScryptOptions;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
/** So many are worked out at once: each takes 64 MB. */
const MOST_AT_ONCE = 2;
/** So many may wait: a login that comes when more do is told to come again. */
const MOST_WAITING = 20;

/** Too many passwords are being checked. */
export class TooBusy extends Error {
    override readonly name = 'TooBusy';
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= MOST_AT_ONCE) {
        if (waiting.length >= MOST_WAITING) {
            throw new TooBusy('too many logins at once');
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
        running += 1;
    }
    try {
        return await work();
    } finally {
        const next = waiting.shift();
        if (next === undefined) {
            running -= 1;
        } else {
            next(); // The place is handed on.
        }
    }
}

/** What is stored of a password: `scrypt$N$r$p$salt$key`, salt and key in base64. */
export async function hashPassword(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const key = await derived(password, salt, COST);
    return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), key.toString('base64')].join('$');
}

/**
 * Whether this is the password. Where none is stored it takes as long and is never right, so that nobody learns from the time it takes who has one.
 *
 * @throws TooBusy
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
    const [, n = '', r = '', p = '', salt = '', key = ''] = (stored ?? (await noPassword())).split('$');
    const cost = { N: Number(n), r: Number(r), p: Number(p), maxmem: COST.maxmem };
    const expected = Buffer.from(key, 'base64');
    const given = await derived(password, Buffer.from(salt, 'base64'), cost);
    return timingSafeEqual(given, expected) && stored !== undefined;
}

let nobodys: Promise<string> | undefined;

function noPassword(): Promise<string> {
    nobodys ??= hashPassword(randomBytes(SALT_BYTES).toString('base64')).catch((error: unknown) => {
        nobodys = undefined; // Too busy now is not too busy for good.
        throw error;
    });
    return nobodys;
}

function derived(password: string, salt: Uint8Array, cost: ScryptOptions): Promise<Buffer> {
    // One form for what looks the same on a screen.
    const text = password.normalize('NFKC');
    return inTurn(
        () =>
            new Promise((resolve, reject) => {
                scrypt(text, salt, KEY_BYTES, cost, (error, key) => {
                    if (error === null) {
                        resolve(key);
                    } else {
                        reject(error);
                    }
                });
            }),
    );
}

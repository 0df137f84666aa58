import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessStore, CODE_SECONDS, IDLE_SECONDS, SESSION_SECONDS } from './access-store';
import { hashPassword, isPassword } from './passwords';

const START = 1_700_000_000;

describe('what proves who somebody is', () => {
    let folder: string;
    let store: AccessStore;
    let now: number;
    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), 'commonwatt-access-'));
        now = START;
        store = new AccessStore(join(folder, 'access.sqlite'), () => now);
    });
    afterEach(() => {
        store.close();
        rmSync(folder, { recursive: true });
    });

    it('is a password of which only a costly hash is kept', async () => {
        const stored = await hashPassword('correct horse battery');
        expect(stored).toMatch(/^scrypt\$65536\$8\$1\$/);
        expect(stored).not.toBe(await hashPassword('correct horse battery'));
        await expect(isPassword('correct horse battery', stored)).resolves.toBe(true);
        await expect(isPassword('correct horse batterz', stored)).resolves.toBe(false);
        await expect(isPassword('', undefined)).resolves.toBe(false);
    });

    it('is the same password however its letters are composed', async () => {
        const stored = await hashPassword('Straßenbahn für Zoë');
        await expect(isPassword('Straßenbahn für Zoe\u0308', stored)).resolves.toBe(true);
    });

    it('ends a session that nobody uses, and every session at last', () => {
        const token = store.openSession('H1');
        expect(store.session(token)).toEqual({
            household: 'H1',
            idleUntil: START + IDLE_SECONDS,
            endsAt: START + SESSION_SECONDS,
        });
        for (; now < START + SESSION_SECONDS - IDLE_SECONDS; now += IDLE_SECONDS - 1) {
            expect(store.session(token)).toMatchObject({ household: 'H1' });
        }
        now = START + SESSION_SECONDS;
        expect(store.session(token)).toBeUndefined();
        const idle = store.openSession('H1');
        now += IDLE_SECONDS;
        expect(store.session(idle)).toBeUndefined();
    });

    it('is not prolonged by whoever only looks', () => {
        const token = store.openSession('H1');
        now += IDLE_SECONDS - 1;
        expect(store.session(token, false)).toMatchObject({ idleUntil: START + IDLE_SECONDS });
        now += 1;
        expect(store.session(token)).toBeUndefined();
    });

    it('goes when the password changes, for this household alone', () => {
        const [one, other] = [store.openSession('H1'), store.openSession('H2')];
        store.setPassword('H1', 'scrypt$…');
        expect(store.session(one)).toBeUndefined();
        expect(store.session(other)).toMatchObject({ household: 'H2' });
    });

    it('is a code that works once, in time, for one household', () => {
        const code = store.makeCode('H1');
        expect(store.useCode('H2', code)).toBe(false);
        expect(store.useCode('H1', `${code}x`)).toBe(false);
        expect(store.useCode('H1', code)).toBe(true);
        expect(store.useCode('H1', code)).toBe(false);
        const late = store.makeCode('H1');
        now += CODE_SECONDS;
        expect(store.useCode('H1', late)).toBe(false);
    });

    it('makes a code worthless when another is made', () => {
        const first = store.makeCode('H1');
        store.makeCode('H1');
        expect(store.useCode('H1', first)).toBe(false);
    });

    it('holds so many sessions of a household: the one used longest ago makes room', () => {
        const tokens = Array.from({ length: 22 }, () => {
            now += 1;
            return store.openSession('H1');
        });
        expect(tokens.filter((token) => store.session(token) === undefined)).toEqual(tokens.slice(0, 2));
    });

    it('lets nobody in who reads the file, and nobody else read it', () => {
        const secrets = [store.openSession('H1'), store.makeCode('H1')];
        const file = join(folder, 'access.sqlite');
        const bytes = [file, `${file}-wal`].map((each) => readFileSync(each).toString('latin1')).join('');
        expect(bytes).toContain('session');
        expect(secrets.filter((secret) => bytes.includes(secret))).toEqual([]);
        expect(statSync(file).mode & 0o077).toBe(0);
    });
});

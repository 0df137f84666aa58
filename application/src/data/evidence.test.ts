import { afterAll, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceOf } from './evidence';

const folder = mkdtempSync(join(tmpdir(), 'commonwatt-evidence-'));
const file = join(folder, 'abc.txt');
writeFileSync(file, 'abc');
afterAll(() => {
    rmSync(folder, { recursive: true });
});

it('is known by the SHA-256 of its bytes', async () => {
    // FIPS 180-4's example.
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await evidenceOf([file])).toEqual([{ file, sha256 }]);
});

it('has to be there, and not too much', async () => {
    await expect(evidenceOf([join(folder, 'none')])).rejects.toThrow(/cannot be read as evidence/);
    await expect(evidenceOf([folder])).rejects.toThrow(/cannot be read as evidence/);
    await expect(evidenceOf(Array<string>(21).fill(file))).rejects.toThrow(/21 files are more than 20/);
});

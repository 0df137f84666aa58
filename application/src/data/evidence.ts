import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { InputError } from './input-error';

/** A file that its holder keeps, and the hash by which it can be recognised later. */
export interface Evidence {
    readonly file: string;
    /** In hex. */
    readonly sha256: string;
}

const MOST = 20;

/** Hashes files where they lie: nothing of them leaves this machine. @throws InputError where one cannot be read, or there are more than 20. */
export async function evidenceOf(files: readonly string[]): Promise<Evidence[]> {
    if (files.length > MOST) {
        throw new InputError(
            { file: '--evidence' },
            `${files.length} files are more than ${MOST}; put them into an archive`,
        );
    }
    const found: Evidence[] = [];
    for (const file of files) {
        found.push({ file, sha256: await hashOf(file) });
    }
    return found;
}

async function hashOf(file: string): Promise<string> {
    const hash = createHash('sha256');
    try {
        for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
            hash.update(chunk);
        }
    } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        throw new InputError({ file }, `cannot be read as evidence: ${why}`);
    }
    return hash.digest('hex');
}

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Private keys are their owner's alone. */
export function writeSecret(file: string, content: string | Uint8Array): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: 0o600 });
}

export function writePublic(file: string, content: string | Uint8Array): void {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
}

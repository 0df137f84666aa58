import { writeSync } from 'node:fs';

import { pino, type Logger } from 'pino';

const STANDARD_OUTPUT = 1;

/**
 * A node's log, a line of JSON each on standard output. Lines that cannot be written are dropped and counted: a node goes on, and says what is
 * wrong elsewhere, also where its log lies on the disk that is full. (Pino's own destination tries the same line for ever.)
 */
export function nodeLog(name: string, write: (line: string) => void = writeLine): Logger {
    let dropped = 0;
    return pino(
        { name },
        {
            write: (line: string) => {
                try {
                    write(
                        dropped === 0
                            ? line
                            : `${JSON.stringify({ name, msg: `${dropped} lines are missing` })}\n${line}`,
                    );
                    dropped = 0;
                } catch {
                    dropped += 1;
                }
            },
        },
    );
}

function writeLine(line: string): void {
    const bytes = Buffer.from(line);
    for (let written = 0; written < bytes.length;) {
        written += writeSync(STANDARD_OUTPUT, bytes, written);
    }
}

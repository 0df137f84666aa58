import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LISTENING = '0A';

/** Which process listens on a port of this machine, as far as this user may know: `node (4711)`. Linux alone tells. */
export function portHolder(port: number, proc = '/proc'): string | undefined {
    const sockets = ['tcp', 'tcp6'].flatMap((kind) => listening(`${proc}/net/${kind}`, port));
    return sockets.length === 0 ? undefined : processWith(new Set(sockets.map((inode) => `socket:[${inode}]`)), proc);
}

/** Inodes of the sockets that listen there. Lines: number, local address in hex, remote, state, …, inode as the tenth. */
function listening(file: string, port: number): string[] {
    const wanted = port.toString(16).toUpperCase().padStart(4, '0');
    return textOf(file)
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === LISTENING && local?.split(':')[1] === wanted)
        .flatMap((fields) => fields[9] ?? []);
}

function processWith(links: ReadonlySet<string>, proc: string): string | undefined {
    for (const pid of namesIn(proc).filter((name) => /^\d+$/.test(name))) {
        const files = namesIn(`${proc}/${pid}/fd`);
        if (files.some((file) => links.has(linkOf(`${proc}/${pid}/fd/${file}`)))) {
            return `${textOf(`${proc}/${pid}/comm`).trim()} (${pid})`;
        }
    }
    return undefined;
}

const orElse = <T>(read: () => T, otherwise: T): T => {
    try {
        return read();
    } catch {
        return otherwise; // Another user's process, one that has just ended, or another system than Linux.
    }
};
const textOf = (file: string): string => orElse(() => readFileSync(file, 'utf8'), '');
const namesIn = (folder: string): string[] => orElse(() => readdirSync(folder), []);
const linkOf = (file: string): string => orElse(() => readlinkSync(file), '');

import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import type { Layout, NodeFiles } from '../layout';
import type { Organisation } from '../topology';
import type { Credential } from './authority';
import { put, replace } from './renewal';
import { writeOrderer } from './seat';

/** What the configuration names of a seat. PEM. */
export interface SeatCertificates {
    readonly identityPem: string;
    readonly tlsPem: string;
}

/**
 * New keys and certificates for a seat, signing and TLS, beside those it has: with those it signs until the configuration names the new
 * ones. Appear whole or not at all; where there are some that are not in use yet, they stay. The engine's keys are others, and stay too.
 */
export async function prepareSeatRenewal(organisation: Organisation, layout: Layout): Promise<SeatCertificates> {
    const { nextOrderer } = layout.organisation(organisation);
    const { directory } = nextOrderer;
    if (!existsSync(directory)) {
        const unfinished = `${directory}.new`;
        rmSync(unfinished, { recursive: true, force: true });
        await writeOrderer(under(unfinished, nextOrderer), organisation, layout);
        renameSync(unfinished, directory);
    }
    return {
        identityPem: readFileSync(nextOrderer.certificate, 'utf8'),
        tlsPem: readFileSync(nextOrderer.tls.certificate, 'utf8'),
    };
}

/**
 * Puts the new keys in the place of those before, whose certificate is kept apart to be revoked. To be called once the configuration names
 * them; done again after it broke off, it does the rest.
 */
export function takeUpSeatRenewal(organisation: Organisation, layout: Layout): void {
    const files = layout.organisation(organisation);
    const { orderer, nextOrderer } = files;
    if (!existsSync(nextOrderer.directory)) return;
    // What is in its place already must not be kept apart as one of those before.
    if (readFileSync(orderer.certificate, 'utf8') !== readFileSync(nextOrderer.certificate, 'utf8')) {
        replace(files, orderer, credentialIn(nextOrderer));
    }
    put(orderer.tls, credentialIn(nextOrderer.tls));
    rmSync(nextOrderer.directory, { recursive: true });
}

function credentialIn({ certificate, key }: { readonly certificate: string; readonly key: string }): Credential {
    return { certificatePem: readFileSync(certificate, 'utf8'), privateKeyPem: readFileSync(key, 'utf8') };
}

/** The same files in another folder. */
function under(folder: string, files: NodeFiles & { readonly directory: string }): NodeFiles {
    const moved = (file: string): string => file.replace(files.directory, folder);
    const { msp, certificate, key, tls } = files;
    return {
        msp: moved(msp),
        certificate: moved(certificate),
        key: moved(key),
        tls: {
            directory: moved(tls.directory),
            certificate: moved(tls.certificate),
            key: moved(tls.key),
            roots: moved(tls.roots),
        },
    };
}

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout, OrganisationLayout } from '../layout';
import type { Organisation } from '../topology';
import { Authority, type CertificateRequest, type Credential, type OrganisationalUnit } from './authority';
import { writePublic, writeSecret } from './files';

const RETIRED = 'retired';

/**
 * New certificates of an organisation: its peer and its administrator with new keys, its agent with the key that governance has on file.
 * The certificates before them are kept apart and put on the list of those that count no more, which the channel has yet to be told. Done
 * again after it broke off, it makes newer ones.
 *
 * An orderer keeps its certificate: the channel's configuration names it, and the seats decide on that together (`seat-renewal`).
 */
export async function renewIdentities(organisation: Organisation, layout: Layout): Promise<void> {
    const files = layout.organisation(organisation);
    const { domain } = organisation;
    const ca = await load(files.ca);
    const tlsCa = await load(files.tlsCa);
    const identity = (commonName: string, unit: OrganisationalUnit): CertificateRequest => ({
        commonName,
        organisation: domain,
        unit,
        usage: 'identity',
    });
    const { peer, admin, agent } = files;
    const peerName = `peer0.${domain}`;
    replace(files, peer, await ca.issue(identity(peerName, 'peer')));
    replace(files, admin, await ca.issue(identity(`Admin@${domain}`, 'admin')));
    replace(files, agent, await ca.renew(identity(`Agent@${domain}`, 'client'), readFileSync(agent.key, 'utf8')));
    const names = [peerName, 'localhost', '127.0.0.1'];
    const tls = await tlsCa.issue({ commonName: peerName, organisation: domain, usage: 'tls', names });
    put(peer.tls, tls);
    for (const [user, name] of [
        [admin, 'Admin'],
        [agent, 'Agent'],
    ] as const) {
        // Exists where nodes ask clients for TLS certificates.
        if (!existsSync(user.tls.certificate)) continue;
        const commonName = `${name}@${domain}`;
        put(user.tls, await tlsCa.issue({ commonName, organisation: domain, usage: 'tls', names: [domain] }));
    }
    await revokeRetired(organisation, layout);
}

/** Puts all certificates that were kept apart on the list of those that count no more, which the channel has yet to be told. */
export async function revokeRetired(organisation: Organisation, layout: Layout): Promise<void> {
    const files = layout.organisation(organisation);
    const list = await (await load(files.ca)).revoke(retired(files));
    // The list of an authority says all it has ever revoked, so there is one.
    writePublic(join(files.msp, 'crls', `ca.${organisation.domain}-crl.pem`), list);
}

function retired({ directory }: OrganisationLayout): readonly string[] {
    const folder = join(directory, RETIRED);
    return readdirSync(folder)
        .toSorted()
        .map((name) => readFileSync(join(folder, name), 'utf8'));
}

/** The old certificate is put aside first: one that were lost could not be revoked. */
export function replace(
    { directory }: OrganisationLayout,
    target: { readonly certificate: string; readonly key: string },
    renewed: Credential,
): void {
    const old = readFileSync(target.certificate, 'utf8');
    writePublic(join(directory, RETIRED, `${createHash('sha256').update(old).digest('hex').slice(0, 32)}.pem`), old);
    put(target, renewed);
}

export function put(target: { readonly certificate: string; readonly key: string }, made: Credential): void {
    move(target.key, (file) => {
        writeSecret(file, made.privateKeyPem);
    });
    move(target.certificate, (file) => {
        writePublic(file, made.certificatePem);
    });
}

/** Whole or not at all. */
function move(file: string, write: (unfinished: string) => void): void {
    const unfinished = `${file}.new`;
    write(unfinished);
    renameSync(unfinished, file);
}

function load(files: { readonly certificate: string; readonly key: string }): Promise<Authority> {
    return Authority.load({
        certificatePem: readFileSync(files.certificate, 'utf8'),
        privateKeyPem: readFileSync(files.key, 'utf8'),
    });
}

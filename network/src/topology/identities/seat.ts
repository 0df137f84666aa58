import { existsSync, readFileSync } from 'node:fs';
import { newEngineKeys } from '../../ordering/engine/comet/node/keys';
import type { Layout, NodeFiles } from '../layout';
import type { Organisation } from '../topology';
import { Authority } from './authority';
import { writePublic, writeSecret } from './files';
import { writeSigningMsp } from './msp-folder';

/** Identity, TLS certificate and engine keys of an orderer, for a member that gets a seat. What is there stays. */
export async function generateSeat(organisation: Organisation, layout: Layout): Promise<void> {
    const { orderer, engine } = layout.organisation(organisation);
    if (!existsSync(engine.validator)) {
        const keys = newEngineKeys();
        writeSecret(engine.node, keys.node);
        writeSecret(engine.validator, keys.validator);
    }
    if (!existsSync(orderer.key)) await writeOrderer(orderer, organisation, layout);
}

/** A key and certificates of an orderer, made anew. */
export async function writeOrderer(orderer: NodeFiles, organisation: Organisation, layout: Layout): Promise<void> {
    const { ca, tlsCa } = layout.organisation(organisation);
    const { domain } = organisation;
    const name = `orderer0.${domain}`;
    const [authority, tlsAuthority] = await Promise.all([load(ca), load(tlsCa)]);
    const names = [name, 'localhost', '127.0.0.1'];
    const tls = await tlsAuthority.issue({ commonName: name, organisation: domain, usage: 'tls', names });
    const roots = {
        domain,
        caPem: readFileSync(ca.certificate, 'utf8'),
        tlsCaPem: readFileSync(tlsCa.certificate, 'utf8'),
    };
    writePublic(orderer.tls.certificate, tls.certificatePem);
    writeSecret(orderer.tls.key, tls.privateKeyPem);
    writePublic(orderer.tls.roots, roots.tlsCaPem);
    const request = { commonName: name, organisation: domain, unit: 'orderer', usage: 'identity' } as const;
    writeSigningMsp(orderer, roots, await authority.issue(request));
}

function load(files: { readonly certificate: string; readonly key: string }): Promise<Authority> {
    return Authority.load({
        certificatePem: readFileSync(files.certificate, 'utf8'),
        privateKeyPem: readFileSync(files.key, 'utf8'),
    });
}

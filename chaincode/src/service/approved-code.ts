import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/**
 * Refuses to run other code than the one that the members approved: a package's label ends in the digest of the code it stands
 * for, and the peer starts transactions only at a service that registers under that package's id.
 *
 * This is agreement on what should run. It proves nothing to others: whoever runs the service can change this check too.
 *
 * @param packageId `NAME_VERSION.DIGEST:HASH`
 * @param directory of the built code and its package.json
 * @throws Error naming both digests.
 */
export function assertApprovedCode(packageId: string, chaincode: string, directory: string): void {
    const [label = ''] = packageId.split(':');
    const approved = /^(\w+)_[^_]*\.([0-9a-f]{64})$/.exec(label);
    if (approved === null || approved[1] !== chaincode) {
        throw new Error(`CHAINCODE_ID names no package of ${chaincode} with the digest of its code: ${packageId}`);
    }
    const own = codeDigest(directory);
    if (approved[2] !== own) {
        throw new Error(
            `this is not the code that was approved: the package names ${approved[2] ?? ''}, in ${directory} is ${own}. ` +
                'Build what was approved, or have the members approve a package of this code',
        );
    }
}

/**
 * SHA-256 over names and contents of the built scripts and of `package.json`, which fixes the versions they run with: as the
 * deployment computes it.
 */
export function codeDigest(directory: string): string {
    const built = join(directory, 'dist');
    const scripts = existsSync(built)
        ? readdirSync(built, { recursive: true, encoding: 'utf8' })
              .filter((name) => name.endsWith('.js'))
              .map((name) => join(built, name))
        : [];
    const hash = createHash('sha256');
    for (const file of [...scripts, join(directory, 'package.json')].sort()) {
        const content = readFileSync(file);
        hash.update(`${relative(directory, file).split(sep).join('/')}\n${content.length}\n`).update(content);
    }
    return hash.digest('hex');
}

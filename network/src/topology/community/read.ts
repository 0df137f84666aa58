import type { Topology } from '../topology';

/**
 * Reads `organizations/community.yaml`.
 *
 * @throws CommunityFileError naming file, line and the path of each value that is wrong.
 */
export function readCommunity(file: string): Topology {
    throw new Error(`not yet: ${file}`);
}

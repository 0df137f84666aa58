/** A place in millionths of a degree. Whole numbers, so that every peer finds the same side of a line. */
export interface Point {
    readonly latitude: bigint;
    readonly longitude: bigint;
}

/** Corners in order; the last is joined to the first. */
export type Polygon = readonly Point[];

/**
 * Whether the point lies in the polygon; its border belongs to it. Even-odd rule with a ray to the east, on whole numbers: a
 * community is small, so that degrees may be taken for a plane. Areas across the 180th meridian are not supported.
 */
export function contains(polygon: Polygon, point: Point): boolean {
    let inside = false;
    for (const [i, from] of polygon.entries()) {
        const to = polygon[(i + 1) % polygon.length] ?? from;
        if (isOnSegment(from, to, point)) {
            return true;
        }
        // Half-open in latitude, so that a ray through a corner crosses exactly one of its two edges.
        const crosses = from.latitude > point.latitude !== to.latitude > point.latitude;
        if (crosses && isEastOf(from, to, point)) {
            inside = !inside;
        }
    }
    return inside;
}

/** Twice the signed area of the triangle: zero where the three lie on one line. */
function turn(a: Point, b: Point, c: Point): bigint {
    return (
        (b.longitude - a.longitude) * (c.latitude - a.latitude) -
        (b.latitude - a.latitude) * (c.longitude - a.longitude)
    );
}

function isOnSegment(from: Point, to: Point, point: Point): boolean {
    return (
        turn(from, to, point) === 0n &&
        isBetween(from.latitude, to.latitude, point.latitude) &&
        isBetween(from.longitude, to.longitude, point.longitude)
    );
}

/** Whether the edge lies to the east of the point at the point's latitude. */
function isEastOf(from: Point, to: Point, point: Point): boolean {
    const area = turn(from, to, point);
    return to.latitude > from.latitude ? area > 0n : area < 0n;
}

const isBetween = (a: bigint, b: bigint, x: bigint): boolean => (a <= b ? a <= x && x <= b : b <= x && x <= a);

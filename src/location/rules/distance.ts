// Distances on the globe and the boxes that narrow a search around a point.

/** Degrees north and east (WGS 84): latitude -90..90, longitude -180..180. */
export type GeoPoint = { latitude: number; longitude: number };

/** Degrees; `longitudes` are closed ranges west to east, two of them where the box crosses the antimeridian. */
export type BoundingBox = {
  minLatitude: number;
  maxLatitude: number;
  longitudes: { west: number; east: number }[];
};

/** Mean radius R1 of the Earth (IUGG, Moritz 1980). */
export const EARTH_RADIUS_KM = 6371.0088;

// Widens the box by about a centimetre, so that rounding never loses a point on the very edge.
const EDGE_DEGREES = 1e-7;

const radians = (degrees: number) => (degrees * Math.PI) / 180;
const degrees = (angle: number) => (angle * 180) / Math.PI;

/** What is wrong with a point, in one sentence, or null. */
export function pointProblem({ latitude, longitude }: GeoPoint): string | null {
  if (!(Math.abs(latitude) <= 90)) return `latitude ${latitude} is not within -90 to 90 degrees`;
  if (!(Math.abs(longitude) <= 180)) return `longitude ${longitude} is not within -180 to 180 degrees`;
  return null;
}

// A tenth of a millimetre. Two points are equal or at least this far apart, so that no square of a difference is too
// small for PostgreSQL's floats, which refuse to underflow.
const GRID_PER_DEGREE = 1e9;

/** The point without decimals that no location on earth needs. */
export function roundedPoint({ latitude, longitude }: GeoPoint): GeoPoint {
  const rounded = (coordinate: number): number => Math.round(coordinate * GRID_PER_DEGREE) / GRID_PER_DEGREE;
  return { latitude: rounded(latitude), longitude: rounded(longitude) };
}

/**
 * Great-circle distance in kilometres on a sphere, within 0.6 % of the ellipsoid, by the haversine formula
 * (R. W. Sinnott, "Virtues of the Haversine", Sky and Telescope 68(2), 1984), which keeps its
 * precision for points a few metres apart.
 */
export function distanceKm(a: GeoPoint, b: GeoPoint): number {
  const halfLatitude = Math.sin(radians(b.latitude - a.latitude) / 2);
  const halfLongitude = Math.sin(radians(b.longitude - a.longitude) / 2);
  const h =
    halfLatitude ** 2 + Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * halfLongitude ** 2;
  // Rounding carries antipodes a hair past 1; a hair more, and asin would be NaN.
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(Math.min(1, h)));
}

/**
 * The smallest box that contains every point within `radiusKm` of `point`: a filter an index can use before
 * `distanceKm` decides. After J. P. Matuschek, "Finding Points Within a Distance of a Latitude/Longitude
 * Using Bounding Coordinates": near a pole every longitude, across the antimeridian two ranges.
 */
export function boundingBox(point: GeoPoint, radiusKm: number): BoundingBox {
  const problem = pointProblem(point);
  if (problem) throw new RangeError(problem);
  if (!(radiusKm >= 0)) throw new RangeError(`radius ${radiusKm} km is not 0 or more`);
  const angle = radiusKm / EARTH_RADIUS_KM;
  const reach = degrees(angle) + EDGE_DEGREES;
  const [minLatitude, maxLatitude] = [point.latitude - reach, point.latitude + reach];
  if (minLatitude <= -90 || maxLatitude >= 90) {
    return {
      minLatitude: Math.max(minLatitude, -90),
      maxLatitude: Math.min(maxLatitude, 90),
      longitudes: [{ west: -180, east: 180 }],
    };
  }
  const width = degrees(Math.asin(Math.min(1, Math.sin(radians(reach)) / Math.cos(radians(point.latitude)))));
  return { minLatitude, maxLatitude, longitudes: around(point.longitude, width + EDGE_DEGREES) };
}

function around(longitude: number, width: number): BoundingBox['longitudes'] {
  const [west, east] = [longitude - width, longitude + width];
  if (west < -180) {
    return [
      { west: west + 360, east: 180 },
      { west: -180, east },
    ];
  }
  if (east > 180) {
    return [
      { west, east: 180 },
      { west: -180, east: east - 360 },
    ];
  }
  return [{ west, east }];
}

/** The point as a unit vector from the centre of the Earth: x, y, z. */
export function onSphere({ latitude, longitude }: GeoPoint): [number, number, number] {
  const [north, east] = [radians(latitude), radians(longitude)];
  return [Math.cos(north) * Math.cos(east), Math.cos(north) * Math.sin(east), Math.sin(north)];
}

/** A thousandth more, so that rounding never loses a point on the very edge: `distanceKm` decides. */
const EDGE = 1.001;
const EDGE_KM = 1e-4;

/** A radius that surely contains what is within `radiusKm`, in kilometres; at most half around the Earth. */
export function boundedRadius(radiusKm: number): number {
  return Math.min(radiusKm * EDGE + EDGE_KM, Math.PI * EARTH_RADIUS_KM);
}

/** The square of the straight line between two unit vectors that are so far apart on the globe. It grows with the distance. */
export function chordOf(km: number): number {
  return (2 * Math.sin(km / EARTH_RADIUS_KM / 2)) ** 2;
}

// Great-circle distances, and boxes that never lose a point within their radius.
import fc from 'fast-check';
import {
  boundingBox,
  distanceKm,
  EARTH_RADIUS_KM,
  type GeoPoint,
  pointProblem,
} from '../../src/location/rules/distance';

const paris = { latitude: 48.8566, longitude: 2.3522 };
const lyon = { latitude: 45.764, longitude: 4.8357 };
const saintDenis = { latitude: -20.8789, longitude: 55.4481 };
const halfway = Math.PI * EARTH_RADIUS_KM;

const anyPoint: fc.Arbitrary<GeoPoint> = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

const inside = (box: ReturnType<typeof boundingBox>, { latitude, longitude }: GeoPoint) =>
  latitude >= box.minLatitude &&
  latitude <= box.maxLatitude &&
  box.longitudes.some(({ west, east }) => longitude >= west && longitude <= east);

/** The point `km` from `start` in the direction `bearing` (radians), on the sphere. */
function travel(start: GeoPoint, bearing: number, km: number): GeoPoint {
  const [angle, latitude] = [km / EARTH_RADIUS_KM, (start.latitude * Math.PI) / 180];
  const sine =
    Math.sin(latitude) * Math.cos(angle) + Math.cos(latitude) * Math.sin(angle) * Math.cos(bearing);
  const north = Math.asin(Math.max(-1, Math.min(1, sine)));
  const turn = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(latitude),
    Math.cos(angle) - Math.sin(latitude) * Math.sin(north),
  );
  const east = start.longitude + (turn * 180) / Math.PI;
  return { latitude: (north * 180) / Math.PI, longitude: ((east + 540) % 360) - 180 };
}

describe('distanceKm', () => {
  test('between known cities', () => {
    expect(distanceKm(paris, lyon)).toBeCloseTo(391.5, 0);
    expect(distanceKm(paris, saintDenis)).toBeGreaterThan(9300);
    expect(distanceKm(paris, saintDenis)).toBeLessThan(9420);
  });

  test('one degree of the equator, across the antimeridian, pole to pole', () => {
    const degree = halfway / 180;
    expect(distanceKm({ latitude: 0, longitude: 0 }, { latitude: 0, longitude: 1 })).toBeCloseTo(degree, 9);
    expect(distanceKm({ latitude: 0, longitude: 179.5 }, { latitude: 0, longitude: -179.5 })).toBeCloseTo(
      degree,
      9,
    );
    expect(distanceKm({ latitude: 90, longitude: 7 }, { latitude: -90, longitude: -30 })).toBeCloseTo(
      halfway,
      6,
    );
  });

  test('is a symmetric number within half the globe, zero to itself', () => {
    fc.assert(
      fc.property(anyPoint, anyPoint, (a, b) => {
        const km = distanceKm(a, b);
        expect(km).toBeGreaterThanOrEqual(0);
        expect(km).toBeLessThanOrEqual(halfway + 1e-6);
        expect(distanceKm(b, a)).toBeCloseTo(km, 6);
        expect(distanceKm(a, a)).toBe(0);
      }),
    );
  });
});

describe('boundingBox', () => {
  test('is tight around an ordinary point', () => {
    const box = boundingBox(paris, 10);
    expect(box.maxLatitude - box.minLatitude).toBeCloseTo(0.18, 2);
    expect(box.longitudes).toHaveLength(1);
    expect((box.longitudes[0]?.east ?? 0) - (box.longitudes[0]?.west ?? 0)).toBeCloseTo(0.273, 2);
    expect(inside(box, lyon)).toBe(false);
  });

  test('splits at the antimeridian, both ways', () => {
    for (const longitude of [179.9, -179.9]) {
      const box = boundingBox({ latitude: -17, longitude }, 50);
      expect(box.longitudes).toHaveLength(2);
      expect(inside(box, { latitude: -17, longitude: -longitude })).toBe(true);
      expect(inside(box, { latitude: -17, longitude: 0 })).toBe(false);
    }
  });

  test('takes every longitude near a pole and the whole globe for a huge radius', () => {
    const everywhere = [{ west: -180, east: 180 }];
    expect(boundingBox({ latitude: 89.99, longitude: 10 }, 5).longitudes).toEqual(everywhere);
    expect(boundingBox({ latitude: -89.99, longitude: 10 }, 5)).toMatchObject({
      minLatitude: -90,
      longitudes: everywhere,
    });
    expect(boundingBox(paris, 1e9)).toEqual({ minLatitude: -90, maxLatitude: 90, longitudes: everywhere });
  });

  test('holds every point within its radius', () => {
    const anyRadius = fc.oneof(
      fc.double({ min: 0, max: 50, noNaN: true }),
      fc.double({ min: 0, max: 20_000, noNaN: true }),
    );
    const anyBearing = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true });
    const anyShare = fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(anyPoint, anyRadius, anyBearing, anyShare, (point, radius, bearing, share) => {
        const there = travel(point, bearing, radius * share);
        // Centimetres from a pole the journey itself is rounded past its end.
        fc.pre(distanceKm(point, there) <= radius);
        expect(inside(boundingBox(point, radius), there)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('refuses points and radii that are none', () => {
    expect(() => boundingBox({ latitude: 91, longitude: 0 }, 1)).toThrow(/latitude 91/);
    expect(() => boundingBox(paris, -1)).toThrow(/radius -1 km/);
    expect(() => boundingBox(paris, Number.NaN)).toThrow(/radius NaN/);
  });
});

test('pointProblem names the coordinate that is wrong', () => {
  expect(pointProblem(paris)).toBeNull();
  expect(pointProblem({ latitude: Number.NaN, longitude: 0 })).toMatch(/latitude NaN/);
  expect(pointProblem({ latitude: 0, longitude: 180.1 })).toMatch(/longitude 180.1/);
});

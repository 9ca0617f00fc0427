// The example query shown in GraphiQL and on the terminal.

/** What GraphiQL opens with: it answers something in the demonstration chain. */
export const FIRST_QUERY = `{
  availability(skus: ["GAZ-230"], at: { near: { latitude: 48.8566, longitude: 2.3522, radiusKm: 50 } }) {
    sku { code name }
    locations { location { code name } distanceKm band quantity asOf }
  }
}`;

// Values of a GraphQL enum from their descriptions; the type parameter makes the compiler require each of them.

export function described<V extends string>(descriptions: Record<V, string>) {
  const values = Object.entries<string>(descriptions).map(([value, description]) => [value, { description }]);
  return Object.fromEntries(values) as { [K in V]: { description: string } };
}

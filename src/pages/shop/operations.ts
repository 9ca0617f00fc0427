// The operations of the demonstration shop: its catalog, and its orders, which a real shop sends from its own server.

const ARTICLE = 'code name category attributes price { amountMinor currency }';

export const SHOP_OPERATIONS = {
  list: `query ShopList($search: String, $category: String, $after: String) { skuCategories { category }
    skus(first: 24, after: $after, filter: { search: $search, category: $category }) {
      nodes { ${ARTICLE} } pageInfo { hasNextPage endCursor } } }`,
  article: `query ShopArticle($code: String!) { sku(by: { code: $code }) { ${ARTICLE} } }`,
  order: `mutation ShopOrder($input: PlaceOrderInput!) { placeOrder(input: $input) {
    __typename ... on Refusal { message } ... on PlaceOrderSuccess { order { number pagePath } } } }`,
};

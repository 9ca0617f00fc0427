// Styles are imported for the bundler, which puts them into the page's style sheet.

declare module '*.css' {}

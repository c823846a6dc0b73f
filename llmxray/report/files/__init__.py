"""What the browser reads beside the pages: packed data, tokens, tables to download."""

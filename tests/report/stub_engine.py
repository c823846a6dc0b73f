"""An npm package like that of the live page's engine, without a model in it."""

import io
import tarfile

# It keeps each request, and always answers " C", a token of a line break after it.
_STUB = """
const token = (text, logprob) => ({ token: text, logprob, bytes: [...new TextEncoder().encode(text)] });
class Wllama {
  loadModel(files, settings) { window.asked = []; return Promise.resolve(); }
  createChatCompletion({ onData, abortSignal, ...request }) {
    window.asked.push(request);
    const content = [{ ...token(" C", -0.5), top_logprobs: [token(" C", -0.5), token(" A", -1.5)] },
      { ...token("", -0.1), top_logprobs: [token("\\n", -0.1)] }];
    onData({ choices: [{ logprobs: { content } }] });
    onData({ choices: [], timings: { predicted_per_second: 4 } });
    return Promise.resolve();
  }
  createCompletion(request) { return this.createChatCompletion(request); }
}
module.exports = { Wllama };
"""


def stub_package() -> bytes:
    """An npm package with `_STUB` for an engine."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in (("LICENCE", "MIT"), ("esm/index.cjs", _STUB), ("esm/wasm/wllama.wasm", "\0asm")):
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()

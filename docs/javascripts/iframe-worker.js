/* The site's search runs in a Worker, which browsers refuse to pages that are opened from a folder: there, a hidden
   frame does the same. MkDocs' plugin `offline` loads a script of this name where the site has one. */
if (location.protocol === "file:") {
  const load = (inner, url) =>
    new Promise((resolve, reject) => {
      const script = inner.document.createElement("script")
      Object.assign(script, { src: url, onload: resolve, onerror: reject })
      inner.document.body.append(script)
    })

  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.body.append(this.frame)
      const inner = this.frame.contentWindow
      inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }))
      inner.importScripts = (...urls) =>
        urls.reduce((before, one) => before.then(() => load(inner, one)), Promise.resolve())
      load(inner, url).then(() => {
        const early = this.waiting
        this.waiting = null
        early.forEach((data) => this.postMessage(data))
      })
    }

    postMessage(data) {
      const inner = this.frame.contentWindow
      if (this.waiting) this.waiting.push(data)
      else inner.dispatchEvent(new inner.MessageEvent("message", { data }))
    }

    terminate() {
      this.frame.remove()
    }
  }
}

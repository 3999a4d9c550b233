// Search of a site that is opened as a file: browsers start no worker from one, so its script runs in a hidden frame.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      const waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.srcdoc = "<body></body>";
      frame.onload = () => {
        const inner = frame.contentWindow;
        inner.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
        const script = inner.document.createElement("script");
        script.src = new URL(address, location.href).href;
        script.onload = () => {
          this.send = (data) => inner.dispatchEvent(new inner.MessageEvent("message", { data }));
          waiting.forEach(this.send);
        };
        inner.document.body.append(script);
      };
      this.send = (data) => waiting.push(data);
      this.terminate = () => frame.remove();
      document.body.append(frame);
    }

    postMessage(data) {
      this.send(data);
    }
  };
}

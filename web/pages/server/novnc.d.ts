// The part of noVNC 1.7 that the screen uses (docs/API.md there); the package brings no types.
declare module "@novnc/novnc" {
  interface RfbEvents {
    connect: CustomEvent<undefined>;
    disconnect: CustomEvent<{ clean: boolean }>;
    clipboard: CustomEvent<{ text: string }>;
  }

  export default class RFB {
    constructor(target: HTMLElement, channel: WebSocket, options?: { shared?: boolean });
    scaleViewport: boolean;
    background: string;
    addEventListener<E extends keyof RfbEvents>(type: E, listener: (event: RfbEvents[E]) => void): void;
    focus(): void;
    sendCtrlAltDel(): void;
    sendKey(keysym: number, code: string, down: boolean): void;
    clipboardPasteFrom(text: string): void;
    toBlob(callback: (blob: Blob) => void, type?: string): void;
  }
}

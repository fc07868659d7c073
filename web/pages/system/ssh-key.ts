// What an OpenSSH public key says of itself. Pure.

const shape = /^(ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) ([A-Za-z0-9+/]+={0,3})(?: (.*))?$/;

export interface SshKey {
  readonly type: string;
  readonly blob: string; // base64
  readonly comment: string;
}

export function ssh_key(line: string): SshKey | undefined {
  const found = shape.exec(line.trim());
  return found ? { type: found[1] ?? "", blob: found[2] ?? "", comment: found[3] ?? "" } : undefined;
}

// As ssh-keygen -l writes it: SHA256 and base64 without padding (RFC 4648). Undefined where the browser has no digests.
export async function fingerprint(key: SshKey): Promise<string | undefined> {
  try {
    const bytes = Uint8Array.from(atob(key.blob), (char) => char.charCodeAt(0));
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return `SHA256:${btoa(String.fromCharCode(...digest)).replace(/=+$/, "")}`;
  } catch {
    return undefined;
  }
}

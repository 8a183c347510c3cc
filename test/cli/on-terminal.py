"""Runs a command on a pseudo-terminal. Control lines come in on standard input, what the terminal shows goes out.

Usage: on-terminal.py ROWS COLUMNS TRANSCRIPT command...
Lines on standard input: "type TEXT" (with escapes: \\x03 is Ctrl-C), "resize ROWS COLUMNS". Every chunk that the command writes is
appended to the file TRANSCRIPT. Ends with the command, and with its exit code (128 + signal).
"""

import fcntl, os, pty, select, struct, sys, termios

rows, columns, transcript = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[4], sys.argv[4:])


def resize(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


resize(rows, columns)
out = open(transcript, "ab", buffering=0)
pending = b""
watched = [terminal, 0]
while True:
    ready, _, _ = select.select(watched, [], [])
    if 0 in ready:
        chunk = os.read(0, 4096)
        if chunk == b"":
            watched.remove(0)
        pending += chunk
        while b"\n" in pending:
            line, pending = pending.split(b"\n", 1)
            verb, _, rest = line.decode().partition(" ")
            if verb == "type":
                os.write(terminal, rest.encode().decode("unicode_escape").encode("latin-1"))
            elif verb == "resize":
                resize(*map(int, rest.split()))
    if terminal in ready:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the other side is closed: EIO on Linux
            break
        if chunk == b"":
            break
        out.write(chunk)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) % 256 if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))

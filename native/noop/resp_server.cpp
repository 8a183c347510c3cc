/**
 * A server that answers and does nothing: the floor of the transport. It reads requests of the Redis protocol
 * (RESP2: arrays of bulk strings) from a Unix socket, and answers each with a well-formed reply of the right
 * kind, without looking at keys and without storing anything. What Redis takes beyond it is Redis; what
 * remains is socket, kernel and client.
 *
 *   predis-noop-server <folder>
 *
 * Makes <folder>/noop.sock, prints "ready", serves until its standard input ends, then removes the socket and
 * the folder: it ends with the process that holds the other end of the pipe, however that ends. One thread,
 * as Redis has one for commands.
 *
 * Commands: GET and MGET (values of REPLYBYTES bytes), SET, MSET, DEL, INCRBY, PING, and REPLYBYTES <n>,
 * which sets the size.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace {

/** As in Redis (proto-max-bulk-len, and the limit of multibulk lengths). */
constexpr int64_t kMaxBulkBytes = 512LL * 1024 * 1024;
constexpr int64_t kMaxArguments = 1024 * 1024;
constexpr size_t kReadBytes = 256 * 1024;

enum class Progress { kNeedsMore, kDone, kMalformed };

/** The reply to one key that is there. */
std::string g_bulk = "$0\r\n\r\n";

struct Connection {
  int socket;
  std::string in;
  /** Where the first request that was not answered yet begins. */
  size_t at = 0;
  std::string out;
  size_t sent = 0;
};

/** A decimal number that ends with CR LF. Advances `at` past it. */
Progress ReadNumber(const std::string& text, size_t& at, int64_t limit, int64_t& number) {
  const size_t end = text.find('\r', at);
  if (end == std::string::npos) return text.size() - at > 20 ? Progress::kMalformed : Progress::kNeedsMore;
  if (end + 1 >= text.size()) return Progress::kNeedsMore;
  if (text[end + 1] != '\n' || end == at || end - at > 12) return Progress::kMalformed;
  int64_t value = 0;
  for (size_t i = at; i < end; i++) {
    if (text[i] < '0' || text[i] > '9') return Progress::kMalformed;
    value = value * 10 + (text[i] - '0');
  }
  if (value > limit) return Progress::kMalformed;
  number = value;
  at = end + 2;
  return Progress::kDone;
}

/** One bulk string. Advances `at` past it. */
Progress ReadBulk(const std::string& text, size_t& at, std::string_view& bulk) {
  if (at >= text.size()) return Progress::kNeedsMore;
  if (text[at] != '$') return Progress::kMalformed;
  size_t next = at + 1;
  int64_t length = 0;
  const Progress progress = ReadNumber(text, next, kMaxBulkBytes, length);
  if (progress != Progress::kDone) return progress;
  const size_t bytes = static_cast<size_t>(length);
  if (text.size() - next < bytes + 2) return Progress::kNeedsMore;
  bulk = std::string_view(text).substr(next, bytes);
  at = next + bytes + 2;
  return Progress::kDone;
}

bool Is(std::string_view word, const char* upper) {
  if (word.size() != std::strlen(upper)) return false;
  for (size_t i = 0; i < word.size(); i++) {
    if ((word[i] & ~0x20) != upper[i]) return false;
  }
  return true;
}

void SetReplyBytes(std::string_view number, std::string& out) {
  int64_t bytes = 0;
  size_t at = 0;
  std::string text(number);
  text.append("\r\n");
  if (ReadNumber(text, at, kMaxBulkBytes, bytes) != Progress::kDone) {
    out += "-ERR value is not an integer or out of range\r\n";
    return;
  }
  g_bulk.clear();
  g_bulk.append("$").append(std::to_string(bytes)).append("\r\n");
  g_bulk.append(static_cast<size_t>(bytes), 'x').append("\r\n");
  out += "+OK\r\n";
}

void Answer(std::string_view name, int64_t arguments, std::string_view first, std::string& out) {
  if (Is(name, "GET")) {
    out += g_bulk;
  } else if (Is(name, "MGET")) {
    out.append("*").append(std::to_string(arguments)).append("\r\n");
    for (int64_t i = 0; i < arguments; i++) out += g_bulk;
  } else if (Is(name, "SET") || Is(name, "MSET")) {
    out += "+OK\r\n";
  } else if (Is(name, "DEL") || Is(name, "INCRBY")) {
    out += ":1\r\n";
  } else if (Is(name, "PING")) {
    out += "+PONG\r\n";
  } else if (Is(name, "REPLYBYTES")) {
    SetReplyBytes(first, out);
  } else {
    out += "-ERR unknown command\r\n";
  }
}

/** Answers the request at `at`, and advances past it, where it is there in full. */
Progress AnswerOne(Connection& connection) {
  const std::string& text = connection.in;
  size_t at = connection.at;
  if (at >= text.size()) return Progress::kNeedsMore;
  if (text[at] != '*') return Progress::kMalformed;
  at++;
  int64_t words = 0;
  const Progress counted = ReadNumber(text, at, kMaxArguments, words);
  if (counted != Progress::kDone) return counted;
  if (words < 1) return Progress::kMalformed;
  std::string_view name;
  std::string_view first;
  for (int64_t i = 0; i < words; i++) {
    std::string_view word;
    const Progress progress = ReadBulk(text, at, word);
    if (progress != Progress::kDone) return progress;
    if (i == 0) name = word;
    if (i == 1) first = word;
  }
  Answer(name, words - 1, first, connection.out);
  connection.at = at;
  return Progress::kDone;
}

/** False when the connection is over. */
bool Send(Connection& connection) {
  while (connection.sent < connection.out.size()) {
    const ssize_t sent = write(connection.socket, connection.out.data() + connection.sent,
                               connection.out.size() - connection.sent);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    connection.sent += static_cast<size_t>(sent);
  }
  connection.out.clear();
  connection.sent = 0;
  return true;
}

/** False when the connection is over. */
bool Receive(Connection& connection) {
  static char buffer[kReadBytes];
  const ssize_t got = read(connection.socket, buffer, sizeof(buffer));
  if (got == 0) return false;
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  connection.in.append(buffer, static_cast<size_t>(got));
  Progress progress = Progress::kDone;
  while (progress == Progress::kDone) progress = AnswerOne(connection);
  connection.in.erase(0, connection.at);
  connection.at = 0;
  if (progress == Progress::kMalformed) return false;
  return Send(connection);
}

int Listen(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return -1;
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (listener < 0) return -1;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) return -1;
  if (listen(listener, 511) != 0) return -1;
  fcntl(listener, F_SETFL, O_NONBLOCK);
  return listener;
}

/** Returns when the standard input ends. */
void Serve(int listener) {
  std::vector<Connection> connections;
  std::vector<pollfd> polled;
  for (;;) {
    polled.assign({{STDIN_FILENO, POLLIN, 0}, {listener, POLLIN, 0}});
    for (const Connection& connection : connections) {
      // A client that does not read its replies is not read from either.
      const bool full = !connection.out.empty();
      polled.push_back({connection.socket, static_cast<int16_t>(full ? POLLOUT : POLLIN), 0});
    }
    if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return;
    if (polled[0].revents != 0) {
      char ignored[256];
      if (read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0) return;
    }
    for (size_t i = connections.size(); i-- > 0;) {
      const int16_t events = polled[i + 2].revents;
      if (events == 0) continue;
      Connection& connection = connections[i];
      const bool lives = (events & POLLOUT) != 0 ? Send(connection) : Receive(connection);
      if (lives) continue;
      close(connection.socket);
      connections.erase(connections.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (polled[1].revents != 0) {
      const int accepted = accept(listener, nullptr, nullptr);
      if (accepted < 0) continue;
      fcntl(accepted, F_SETFL, O_NONBLOCK);
      connections.push_back(Connection{accepted, {}, 0, {}, 0});
    }
  }
}

}  // namespace

int main(int count, char** words) {
  if (count != 2) {
    std::fprintf(stderr, "usage: predis-noop-server <folder>\n");
    return 2;
  }
  // The end of the parent is told by the end of the pipe; a Ctrl-C meant for the parent is not for this
  // process.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGHUP, SIG_IGN);
  const std::string folder = words[1];
  const std::string path = folder + "/noop.sock";
  const int listener = Listen(path);
  int status = 0;
  if (listener < 0) {
    std::fprintf(stderr, "%s\n", std::strerror(errno));
    status = 1;
  } else {
    std::puts("ready");
    std::fflush(stdout);
    Serve(listener);
  }
  unlink(path.c_str());
  rmdir(folder.c_str());
  return status;
}

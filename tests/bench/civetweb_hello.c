/* The baseline of the HTTP figures: CivetWeb of the same recipe, TLS and keep-alive, that says "hello" and nothing
 * else.
 *
 *   civetweb_hello PORT PEM [WORKERS]
 *
 * PEM holds certificate and key; port 0 lets the kernel choose. Prints "port: N" and ends on SIGTERM or SIGINT. */
#define _GNU_SOURCE
#include <civetweb.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static int say_hello(struct mg_connection* connection) {
  static char const answer[] =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello";
  mg_answer(connection, answer, sizeof answer - 1);
  return 200;
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: civetweb_hello PORT PEM [WORKERS]\n");
    return 2;
  }
  char listen[64];
  snprintf(listen, sizeof listen, "127.0.0.1:%ss", argv[1]);
  char const* options[] = {"listening_ports",
                           listen,
                           "ssl_certificate",
                           argv[2],
                           "num_threads",
                           argc > 3 ? argv[3] : "32",
                           "enable_keep_alive",
                           "yes",
                           "keep_alive_timeout_ms",
                           "60000",
                           "tcp_nodelay",
                           "1",
                           "decode_url",
                           "no",
                           NULL};
  /* Blocked before any thread starts, so that only sigwait() sees them. */
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
  struct mg_callbacks callbacks = {0};
  callbacks.begin_request = say_hello;
  mg_init_library(MG_FEATURES_TLS);
  struct mg_context* context = mg_start(&callbacks, NULL, options);
  if (context == NULL) {
    fprintf(stderr, "civetweb_hello: cannot start\n");
    return 1;
  }
  struct mg_server_port port;
  mg_get_server_ports(context, 1, &port);
  printf("port: %d\n", port.port);
  fflush(stdout);
  int received;
  sigwait(&signals, &received);
  mg_stop(context);
  mg_exit_library();
  return 0;
}

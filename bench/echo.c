// The floor: a server that does nothing. It sets the QR bit of each packet and sends it back, 64 at a time.
//
//     gcc -O2 -o echo echo.c && ./echo 127.0.0.1 5300
//
// Several can share a port, as workers do (SO_REUSEPORT).

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { SLOTS = 64, OCTETS = 2048, HEADER = 12 };

static unsigned char packets[SLOTS][OCTETS];
static struct sockaddr_in senders[SLOTS];
static struct iovec vectors[SLOTS];
static struct mmsghdr messages[SLOTS];

int main(int count, char **arguments) {
  if (count != 3) {
    fprintf(stderr, "usage: echo ADDRESS PORT\n");
    return 2;
  }
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[2]))};
  int server = socket(AF_INET, SOCK_DGRAM, 0);
  int on = 1;
  if (server < 0 || setsockopt(server, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0 ||
      inet_pton(AF_INET, arguments[1], &address.sin_addr) != 1 ||
      bind(server, (struct sockaddr *)&address, sizeof address) != 0) {
    perror("echo: bind");
    return 1;
  }
  for (int i = 0; i < SLOTS; i++) {
    vectors[i].iov_base = packets[i];
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &senders[i];
  }
  for (;;) {
    for (int i = 0; i < SLOTS; i++) {
      vectors[i].iov_len = OCTETS;
      messages[i].msg_hdr.msg_namelen = sizeof senders[i];
    }
    int received = recvmmsg(server, messages, SLOTS, MSG_WAITFORONE, NULL);
    if (received < 0) {
      if (errno == EINTR) continue;
      perror("echo: recvmmsg");
      return 1;
    }
    for (int i = 0; i < received; i++) {
      if (messages[i].msg_len >= HEADER) packets[i][2] |= 0x80;
      vectors[i].iov_len = messages[i].msg_len;
    }
    for (int sent = 0; sent < received;) {
      int more = sendmmsg(server, messages + sent, (unsigned)(received - sent), 0);
      // A packet that can't be sent is lost, as any UDP packet may be.
      sent += more > 0 ? more : 1;
    }
  }
}

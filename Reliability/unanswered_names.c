// Loaded into a process, makes the lookup of names that begin with "unanswered" take ten seconds, as when the name server
// that knows them is away: two attempts of five seconds (resolv.conf(5)).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int Lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    if (name && strncmp(name, "unanswered", 10) == 0) {
        sleep(10);
        return EAI_AGAIN;
    }
    return ((Lookup *)dlsym(RTLD_NEXT, "getaddrinfo"))(name, service, hints, found);
}

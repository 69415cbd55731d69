/*
 * The same jobs as a program in C over OpenSSL's DES does them, one card after the other: the peer for
 * everybody who would leave JavaScript for speed.
 *
 *   openssl-peer answers JOB COUNT        one answer a line, to be compared
 *   openssl-peer time JOB MILLISECONDS    nanoseconds a card (or a block), to standard output
 *
 * Jobs: cvv, pvv, ibm3624, pinblock, tdes. Inputs and keys are those of bench/inputs.ts.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/des.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CARDS = 4096, BULK = 65536 };

static DES_key_schedule left, right;
static char pans[CARDS][17];
static char pins[CARDS][5];
static unsigned char bulk[8 * BULK];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static void prepare(void) {
  DES_cblock a = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
  DES_cblock b = {0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};
  DES_set_key_unchecked(&a, &left);
  DES_set_key_unchecked(&b, &right);
  for (long long i = 0; i < CARDS; i++) {
    snprintf(pans[i], sizeof pans[i], "400000%09lld%lld", i * 244877 % 1000000000, i % 10);
    snprintf(pins[i], sizeof pins[i], "%04lld", i * 7 % 10000);
  }
  for (size_t i = 0; i < sizeof bulk; i++) bulk[i] = (unsigned char)(i * 7 + (i >> 8));
}

static void pack(const char *digits, unsigned char *bytes, int count) {
  for (int i = 0; i < count; i++)
    bytes[i] = (unsigned char)((digits[2 * i] - '0') << 4 | (digits[2 * i + 1] - '0'));
}

static int nibble(const unsigned char *block, int i) { return i & 1 ? block[i / 2] & 15 : block[i / 2] >> 4; }

static void select_digits(const unsigned char *block, char *out, int count) {
  int found = 0;
  for (int i = 0; i < 16 && found < count; i++)
    if (nibble(block, i) < 10) out[found++] = (char)('0' + nibble(block, i));
  for (int i = 0; i < 16 && found < count; i++)
    if (nibble(block, i) >= 10) out[found++] = (char)('0' + nibble(block, i) - 10);
  out[count] = 0;
}

static void ede(unsigned char *block) {
  DES_ecb3_encrypt((DES_cblock *)block, (DES_cblock *)block, &left, &right, &left, DES_ENCRYPT);
}

static void cvv(int i, char *out) {
  char digits[33];
  unsigned char data[16], block[8];
  memcpy(digits, pans[i], 16);
  memcpy(digits + 16, "2812201000000000", 16);
  pack(digits, data, 16);
  DES_ecb_encrypt((DES_cblock *)data, (DES_cblock *)block, &left, DES_ENCRYPT);
  for (int k = 0; k < 8; k++) block[k] ^= data[8 + k];
  ede(block);
  select_digits(block, out, 3);
}

static void pvv(int i, char *out) {
  char digits[17];
  unsigned char block[8];
  memcpy(digits, pans[i] + 4, 11);
  digits[11] = '1';
  memcpy(digits + 12, pins[i], 4);
  pack(digits, block, 8);
  ede(block);
  select_digits(block, out, 4);
}

static void ibm3624(int i, char *out) {
  unsigned char block[8];
  pack(pans[i], block, 8);
  ede(block);
  for (int k = 0; k < 4; k++) out[k] = (char)('0' + (pins[i][k] - '0' + 10 - nibble(block, k) % 10) % 10);
  out[4] = 0;
}

static void pinblock(int i, char *out) {
  char account[17] = "0000";
  unsigned char block[8] = {0x04, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff}, pan[8];
  pack(pins[i], block + 1, 2);
  memcpy(account + 4, pans[i] + 3, 12);
  pack(account, pan, 8);
  for (int k = 0; k < 8; k++) block[k] ^= pan[k];
  ede(block);
  for (int k = 0; k < 8; k++) {
    out[2 * k] = "0123456789ABCDEF"[block[k] >> 4];
    out[2 * k + 1] = "0123456789ABCDEF"[block[k] & 15];
  }
  out[16] = 0;
}

static void tdes(int i, char *out) {
  unsigned char block[8];
  DES_ecb3_encrypt((DES_cblock *)(bulk + 8 * (i % BULK)), (DES_cblock *)block, &left, &right, &left, DES_ENCRYPT);
  memcpy(out, block, 8);
}

typedef void job(int, char *);

int main(int argc, char **argv) {
  static const struct {
    const char *name;
    job *run;
    int inputs;
  } jobs[] = {{"cvv", cvv, CARDS}, {"pvv", pvv, CARDS}, {"ibm3624", ibm3624, CARDS}, {"pinblock", pinblock, CARDS}, {"tdes", tdes, BULK}};
  if (argc != 4) return 2;
  prepare();
  for (size_t j = 0; j < sizeof jobs / sizeof jobs[0]; j++) {
    if (strcmp(argv[2], jobs[j].name) != 0) continue;
    job *run = jobs[j].run;
    char out[17];
    if (strcmp(argv[1], "answers") == 0) {
      for (int i = 0; i < atoi(argv[3]); i++) {
        run(i, out);
        if (run != tdes) puts(out);
        else {
          for (int k = 0; k < 8; k++) printf("%02X", (unsigned char)out[k]);
          putchar('\n');
        }
      }
      return 0;
    }
    const double start = now(), limit = 1e6 * atof(argv[3]);
    double spent = 0;
    long done = 0, sink = 0;
    do {
      for (int i = 0; i < jobs[j].inputs; i++) {
        run(i, out);
        sink += out[0];
      }
      done += jobs[j].inputs;
      spent = now() - start;
    } while (spent < limit);
    fprintf(stderr, "%ld\n", sink);
    printf("%.3f\n", spent / (double)done);
    return 0;
  }
  return 2;
}

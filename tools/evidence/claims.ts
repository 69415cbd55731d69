/** What the software does not claim, in the words that go with every report. */
export const CLAIMS: readonly string[] = [
  'This is software. It is not a PCI PTS HSM or another secure cryptographic device, and no laboratory has evaluated it.',
  'No one outside the project has audited it. What stands here was made by its own tests.',
  'It makes no deployment compliant. Where a clause is the caller’s duty, this report says so and shows nothing of it.',
  'JavaScript promises no constant time. Recorded traces show that certain paths take the same steps and read the same places for every secret; how long an engine takes for them, and what caches, power or radiation tell, they do not show.',
  'Keys and PINs in memory are overwritten as far as the language allows. Whoever reads the memory of the process, its heap snapshots or core dumps is not kept out.',
  'TDES is no longer approved for new protection (SP 800-67 was withdrawn on 2024-01-01). It is here for what the field still runs on.',
  'That vectors pass shows that values agree with those of their sources. That an attack fails shows that this attack fails.',
];

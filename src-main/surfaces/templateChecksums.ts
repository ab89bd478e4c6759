/** SHA-256 of coordinates and triangles (or values), little-endian, of templates that were looked at: nilearn 0.14's. */
export const knownChecksums: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fsaverage5: {
    'pial_left.gii.gz': 'eaf1f0555fdb551523b1bbe762c57f18dbda0c63851b91befebe311cb2051921',
    'white_left.gii.gz': 'd3fed4f824456837f1a01b6aee1cff21372ef781cc57306b47c5e6a29e0eba5c',
    'infl_left.gii.gz': '21460fbd0b1f05255b78959d03f2b73ab77e03b2fa16fe6e6e65fa045fd55048',
    'sphere_left.gii.gz': '8107b1cf6dd18e28c2016db432734d75942ccb49e4906ef865437c02d3d4985d',
    'sulc_left.gii.gz': 'e47a0d02aa276cbd54ef04b99f8db7ed40a0b99a877f3ee82f8e0bb678e1f0aa',
    'flat_left.gii.gz': '8f167efe83cbb43ce30fc68d9a385505e2f8c4ea788808fe35269f54d5056115',
    'pial_right.gii.gz': 'dcfb1812ba4d8ad840f50207f6daa59cda37b173bb3b9d34cf4bbcba80220e7e',
    'white_right.gii.gz': '0f0ed0fbb2c6793f0b109008abae69b7b5ac064e1924ef4df0fcb6934290f9dd',
    'infl_right.gii.gz': '600f9754d3a756ee8c12e9d6fe06644be9a0d6c3cf604beaeaa96b743819029e',
    'sphere_right.gii.gz': '8107b1cf6dd18e28c2016db432734d75942ccb49e4906ef865437c02d3d4985d',
    'sulc_right.gii.gz': '55b9f28c2505a6a3fe10a7e4ab605ad0cf76e7b8d6c3cf407fe5b4252d642dc7',
    'flat_right.gii.gz': 'f953721c8ce53748d66e51dfb06928f1d2ea12bbedf85e8924a011519e1e9df3',
  },
}
